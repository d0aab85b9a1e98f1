{{ config(tags='reads_log') }}

{#- Counts are kept by the month, and the rule changed on the twelfth of one: these are the days
    before it in that month. -#}
with

not_eligible as (
    select
        source as event_source,
        id as event_id,
        service_id,
        channel,
        recorded_at as known_at
    from {{ log_records('event') }} as records
    where
        time >= {{ london_midnight("date '2015-08-01'") }}
        and time < {{ london_midnight("date '2015-08-12'") }}
        and type = 'uk.gov.takeup.transaction.completed.v1'
        and outcome = 'not_eligible'
),

changes as (
    select
        service_id,
        channel,
        known_at,
        1 as added_count
    from not_eligible
    union all
    select
        not_eligible.service_id,
        not_eligible.channel,
        states.changed_at as known_at,
        states.was_out - states.is_out as added_count
    from not_eligible
    inner join {{ ref('int_transaction_states') }} as states
        on
            not_eligible.event_source = states.transaction_source
            and not_eligible.event_id = states.transaction_event_id
)

select
    service_id,
    date '2015-08-01' as month_start,
    channel,
    known_at,
    cast(sum(added_count) as bigint) as transactions_count,
    {{ is_simulated() }} as is_simulated
from changes
group by service_id, channel, known_at
having sum(added_count) <> 0
order by service_id, channel, known_at
