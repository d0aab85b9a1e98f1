with

-- One that is set aside waits for nothing.
set_aside as (
    select
        event_source,
        event_id
    from {{ ref('int_set_aside_spans') }}
    group by event_source, event_id
    having count(*) = count(set_aside_at)
),

corrections as (
    select corrections.*
    from {{ ref('int_transaction_corrections') }} as corrections
    left join set_aside
        on
            corrections.event_source = set_aside.event_source
            and corrections.event_id = set_aside.event_id
    where set_aside.event_id is null
),

resolved as (
    select * from {{ ref('int_resolved_corrections') }}
),

corrected_events as (
    select * from {{ ref('int_corrected_events') }}
)

select
    corrections.event_source,
    corrections.event_id,
    corrections.correction,
    corrections.occurred_at,
    corrections.target_source,
    corrections.target_id,
    corrections.channel,
    corrections.assistance,
    corrections.known_at,
    corrections.commit_version,
    case corrected_events.event_kind
        when 'correction' then 'the correction that it names waits itself'
        when 'other' then 'the event that it names is not a transaction'
        else 'the event that it names is not in the log'
    end as reason,
    {{ is_simulated() }} as is_simulated
from corrections
left join resolved
    on
        corrections.event_source = resolved.event_source
        and corrections.event_id = resolved.event_id
left join corrected_events
    on
        corrections.target_source = corrected_events.event_source
        and corrections.target_id = corrected_events.event_id
where resolved.event_id is null
order by corrections.known_at, corrections.event_source, corrections.event_id
