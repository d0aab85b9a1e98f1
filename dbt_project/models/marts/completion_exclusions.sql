{{ config(tags='reads_log') }}

{#- Counts are kept by the month, and the rule changed on the twelfth of one: these are the days
    before it in that month. -#}
{%- set completed = 'uk.gov.takeup.transaction.completed.v1' -%}
{%- set days = [london_midnight("date '2015-08-01'"), london_midnight("date '2015-08-12'")] -%}
with

not_eligible as (
    select
        source as event_source,
        id as event_id,
        service_id,
        channel,
        recorded_at as known_at
    from {{ log_records('event', types=[completed], times=days) }} as records
    where
        time >= {{ days[0] }}
        and time < {{ days[1] }}
        and type = '{{ completed }}'
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
