with

-- A transaction that is set aside is out like a voided one, until it is restored.
set_aside_transactions as (
    select
        records.event_source as transaction_source,
        records.event_id as transaction_event_id,
        spans.set_aside_at as applied_at,
        lead(spans.restored_at) over (
            partition by spans.event_source, spans.event_id order by spans.restored_at nulls first
        ) as lifted_at
    from {{ ref('int_set_aside_spans') }} as spans
    inner join {{ ref('int_set_aside_records') }} as records
        on
            spans.event_source = records.event_source
            and spans.event_id = records.event_id
    where
        records.event_type in ('uk.gov.takeup.transaction.started.v1', 'uk.gov.takeup.transaction.completed.v1')
),

changes as (
    select
        transaction_source,
        transaction_event_id,
        applied_at,
        lifted_at,
        case when correction = 'voided' then 1 else 0 end as is_out,
        channel,
        assistance,
        -- Of several corrections the last one holds, by its own time and then by its identity,
        -- whatever the order in which they became known.
        dense_rank() over (
            partition by transaction_source, transaction_event_id
            order by occurred_at, event_source, event_id
        ) as correction_rank,
        case when is_restored then 'restored' else 'corrected' end as applied_cause,
        'set_aside' as lifted_cause
    from {{ ref('int_resolved_corrections') }}
    union all
    select
        transaction_source,
        transaction_event_id,
        applied_at,
        lifted_at,
        1 as is_out,
        cast(null as {{ dbt.type_string() }}) as channel,
        cast(null as {{ dbt.type_string() }}) as assistance,
        0 as correction_rank,
        'set_aside' as applied_cause,
        'restored' as lifted_cause
    from set_aside_transactions
    where applied_at is not null
),

moments as (
    select
        transaction_source,
        transaction_event_id,
        changed_at,
        max(cause) as cause
    from (
        select
            transaction_source,
            transaction_event_id,
            applied_at as changed_at,
            applied_cause as cause
        from changes
        union all
        select
            transaction_source,
            transaction_event_id,
            lifted_at as changed_at,
            lifted_cause as cause
        from changes
        where lifted_at is not null
    ) as every_change
    group by transaction_source, transaction_event_id, changed_at
),

-- What holds once everything up to a moment is known. A void stays whatever follows it.
holding as (
    select
        moments.transaction_source,
        moments.transaction_event_id,
        moments.changed_at,
        moments.cause,
        coalesce(changes.is_out, 0) as is_out,
        changes.channel,
        changes.assistance,
        max(coalesce(changes.is_out, 0)) over (
            partition by moments.transaction_source, moments.transaction_event_id, moments.changed_at
        ) as is_any_out,
        row_number() over (
            partition by moments.transaction_source, moments.transaction_event_id, moments.changed_at
            order by coalesce(changes.is_out, 0), changes.correction_rank desc
        ) as precedence
    from moments
    left join changes
        on
            moments.transaction_source = changes.transaction_source
            and moments.transaction_event_id = changes.transaction_event_id
            and moments.changed_at >= changes.applied_at
            and (changes.lifted_at is null or moments.changed_at < changes.lifted_at)
),

states as (
    select
        *,
        lag(is_any_out) over (
            partition by transaction_source, transaction_event_id order by changed_at
        ) as was_out,
        lag(channel) over (
            partition by transaction_source, transaction_event_id order by changed_at
        ) as previous_channel,
        lag(assistance) over (
            partition by transaction_source, transaction_event_id order by changed_at
        ) as previous_assistance
    from holding
    where precedence = 1
)

select
    transaction_source,
    transaction_event_id,
    changed_at,
    cause,
    is_any_out as is_out,
    coalesce(was_out, 0) as was_out,
    channel,
    assistance,
    previous_channel,
    previous_assistance
from states
