{%- set place = "service_id, month_start, channel, assistance, assistance_provider, online_extent, outcome" -%}
with

states as (
    select * from {{ ref('int_transaction_states') }}
),

transactions as (
    select
        event_kind as measure,
        event_source,
        event_id,
        {{ place | replace(", ", ",\n        ") }}
    from {{ ref('int_corrected_events') }}
    where event_kind in ('started', 'completed')
    union
    select
        case event_type when 'uk.gov.takeup.transaction.started.v1' then 'started' else 'completed' end as measure,
        event_source,
        event_id,
        {{ place | replace(", ", ",\n        ") }}
    from {{ ref('int_set_aside_records') }}
    where event_type in ('uk.gov.takeup.transaction.started.v1', 'uk.gov.takeup.transaction.completed.v1')
),

-- Out of the place where it was counted before, and into the one where it belongs now. What is
-- voided or set aside has no such place. Who helped, how much was online and how it ended stay as
-- recorded.
changes as (
    {%- for is_without_place, channel, assistance, added_count in [
        ('was_out', 'previous_channel', 'previous_assistance', -1),
        ('is_out', 'channel', 'assistance', 1),
    ] %}
        {%- if not loop.first %}
            union all
        {%- endif %}
        select
            states.changed_at as known_at,
            states.cause,
            transactions.service_id,
            transactions.measure,
            transactions.month_start,
            coalesce(states.{{ channel }}, transactions.channel) as channel,
            coalesce(states.{{ assistance }}, transactions.assistance) as assistance,
            transactions.assistance_provider,
            transactions.online_extent,
            transactions.outcome,
            {{ added_count }} as added_count
        from states
        inner join transactions
            on
                states.transaction_source = transactions.event_source
                and states.transaction_event_id = transactions.event_id
        where states.{{ is_without_place }} = 0
    {%- endfor %}
)

select
    known_at,
    cause,
    service_id,
    measure,
    month_start,
    channel,
    assistance,
    assistance_provider,
    online_extent,
    outcome,
    cast(sum(added_count) as bigint) as transactions_count,
    {{ is_simulated() }} as is_simulated
from changes
group by
    known_at,
    cause,
    service_id,
    measure,
    month_start,
    channel,
    assistance,
    assistance_provider,
    online_extent,
    outcome
having sum(added_count) <> 0
