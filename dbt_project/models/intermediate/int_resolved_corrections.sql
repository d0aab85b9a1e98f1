{#- A correction holds from `applied_at` until `lifted_at`, at which it was set aside itself: one that
    was restored has a row for each stretch. Others that name it are followed through it all the same.

    A correction may name another one, and so on: each link is followed from the transaction
    outwards, so that corrections that only name each other are never reached. -#}
with recursive

corrections as (
    select * from {{ ref('int_transaction_corrections') }}
),

corrected_events as (
    select * from {{ ref('int_corrected_events') }}
),

of_corrections as (
    select corrections.*
    from corrections
    inner join corrected_events
        on
            corrections.target_source = corrected_events.event_source
            and corrections.target_id = corrected_events.event_id
    where corrected_events.event_kind = 'correction'
),

resolved as (
    select
        corrections.event_source,
        corrections.event_id,
        corrections.correction,
        corrections.occurred_at,
        corrections.channel,
        corrections.assistance,
        corrected_events.event_source as transaction_source,
        corrected_events.event_id as transaction_event_id,
        greatest(corrections.known_at, corrected_events.known_at) as applied_at
    from corrections
    inner join corrected_events
        on
            corrections.target_source = corrected_events.event_source
            and corrections.target_id = corrected_events.event_id
    where corrected_events.event_kind in ('started', 'completed')
    union all
    select
        of_corrections.event_source,
        of_corrections.event_id,
        of_corrections.correction,
        of_corrections.occurred_at,
        of_corrections.channel,
        of_corrections.assistance,
        resolved.transaction_source,
        resolved.transaction_event_id,
        greatest(of_corrections.known_at, resolved.applied_at) as applied_at
    from resolved
    inner join of_corrections
        on
            resolved.event_source = of_corrections.target_source
            and resolved.event_id = of_corrections.target_id
)

select
    resolved.event_source,
    resolved.event_id,
    resolved.correction,
    resolved.occurred_at,
    resolved.channel,
    resolved.assistance,
    resolved.transaction_source,
    resolved.transaction_event_id,
    greatest(resolved.applied_at, spans.restored_at) as applied_at,
    spans.set_aside_at as lifted_at,
    coalesce(spans.restored_at > resolved.applied_at, false) as is_restored
from resolved
left join {{ ref('int_set_aside_spans') }} as spans
    on
        resolved.event_source = spans.event_source
        and resolved.event_id = spans.event_id
where spans.set_aside_at is null or spans.set_aside_at > greatest(resolved.applied_at, spans.restored_at)
