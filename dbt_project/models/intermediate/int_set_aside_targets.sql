{#- Of several set-asides and restores of one target the last one holds, by its own time and then by
    its identity, whatever the order in which they were recorded. -#}
with

ranked as (
    select
        *,
        row_number() over (
            partition by target_key order by occurred_at, event_source, event_id
        ) as change_rank
    from {{ ref('int_set_asides') }}
),

moments as (
    select
        target_key,
        known_at,
        max(last_rank) as last_rank
    from (
        select
            target_key,
            known_at,
            max(change_rank) over (
                partition by target_key
                order by known_at
                range between unbounded preceding and current row
            ) as last_rank
        from ranked
    ) as running
    group by target_key, known_at
),

states as (
    select
        ranked.target_key,
        ranked.target_hash,
        ranked.target_source,
        ranked.target_id,
        ranked.change_kind,
        ranked.role,
        ranked.reason,
        moments.known_at,
        lag(ranked.change_kind) over (partition by ranked.target_key order by moments.known_at) as change_before
    from moments
    inner join ranked
        on
            moments.target_key = ranked.target_key
            and moments.last_rank = ranked.change_rank
),

-- To set aside twice, or to restore what is not set aside, changes nothing.
changes as (
    select
        *,
        lead(known_at) over (partition by target_key order by known_at) as restored_at,
        lead(role) over (partition by target_key order by known_at) as restored_by_role,
        lead(reason) over (partition by target_key order by known_at) as restored_reason
    from states
    where change_kind <> coalesce(change_before, 'restored')
)

select
    target_key,
    target_hash,
    target_source,
    target_id,
    role,
    reason,
    known_at as set_aside_at,
    restored_at,
    restored_by_role,
    restored_reason,
    lead(known_at) over (partition by target_key order by known_at) as set_aside_again_at
from changes
where change_kind = 'set_aside'
