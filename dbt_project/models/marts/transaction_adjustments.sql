with

-- Of several corrections the last one holds, by its own time and then by its identity, whatever
-- the order in which they became known.
ranked as (
    select
        *,
        row_number() over (
            partition by transaction_source, transaction_event_id
            order by occurred_at, event_source, event_id
        ) as correction_rank
    from {{ ref('int_resolved_corrections') }}
),

-- What held once everything up to a moment was known. A void stays whatever follows it.
moments as (
    select
        *,
        max(correction_rank) over (
            partition by transaction_source, transaction_event_id
            order by applied_at
            range between unbounded preceding and current row
        ) as last_rank,
        max(case when correction = 'voided' then 1 else 0 end) over (
            partition by transaction_source, transaction_event_id
            order by applied_at
            range between unbounded preceding and current row
        ) as is_voided
    from ranked
),

states as (
    select
        transaction_source,
        transaction_event_id,
        applied_at,
        max(is_voided) as is_voided,
        max(last_rank) as last_rank
    from moments
    group by transaction_source, transaction_event_id, applied_at
),

described as (
    select
        states.transaction_source,
        states.transaction_event_id,
        states.applied_at,
        states.is_voided,
        last_ones.channel,
        last_ones.assistance
    from states
    inner join ranked as last_ones
        on
            states.transaction_source = last_ones.transaction_source
            and states.transaction_event_id = last_ones.transaction_event_id
            and states.last_rank = last_ones.correction_rank
),

followed as (
    select
        *,
        lag(is_voided) over (
            partition by transaction_source, transaction_event_id order by applied_at
        ) as was_voided,
        lag(channel) over (
            partition by transaction_source, transaction_event_id order by applied_at
        ) as previous_channel,
        lag(assistance) over (
            partition by transaction_source, transaction_event_id order by applied_at
        ) as previous_assistance
    from described
),

transactions as (
    select * from {{ ref('int_corrected_events') }}
    where event_kind in ('started', 'completed')
),

-- Out of the place where it was counted before, and into the one where it belongs now. A void
-- has no such place. Who helped, how much was online and how it ended stay as recorded.
changes as (
    select
        followed.applied_at as known_at,
        transactions.service_id,
        transactions.event_kind as measure,
        transactions.month_start,
        coalesce(followed.previous_channel, transactions.channel) as channel,
        coalesce(followed.previous_assistance, transactions.assistance) as assistance,
        transactions.assistance_provider,
        transactions.online_extent,
        transactions.outcome,
        -1 as added_count
    from followed
    inner join transactions
        on
            followed.transaction_source = transactions.event_source
            and followed.transaction_event_id = transactions.event_id
    where coalesce(followed.was_voided, 0) = 0
    union all
    select
        followed.applied_at as known_at,
        transactions.service_id,
        transactions.event_kind as measure,
        transactions.month_start,
        followed.channel,
        followed.assistance,
        transactions.assistance_provider,
        transactions.online_extent,
        transactions.outcome,
        1 as added_count
    from followed
    inner join transactions
        on
            followed.transaction_source = transactions.event_source
            and followed.transaction_event_id = transactions.event_id
    where followed.is_voided = 0
)

select
    known_at,
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
    service_id,
    measure,
    month_start,
    channel,
    assistance,
    assistance_provider,
    online_extent,
    outcome
having sum(added_count) <> 0
