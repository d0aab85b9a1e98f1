{#- A record may be named by itself and with its file: it counts where neither sets it aside. What
    never was set aside is not here, and counts from when it was known.

    One row per record that was ever set aside and stretch of time for which it counts: from when it
    was known (`restored_at` is null) or restored, until it is set aside. -#}
{%- set never = moment_literal('9999-12-31T00:00:00Z') -%}
with

records as (
    select * from {{ ref('int_set_aside_records') }}
),

targets as (
    select * from {{ ref('int_set_aside_targets') }}
),

named as (
    select
        records.event_source,
        records.event_id,
        records.known_at,
        targets.set_aside_at,
        targets.restored_at
    from records
    inner join targets
        on records.content_hash = targets.target_hash
    union all
    select
        records.event_source,
        records.event_id,
        records.known_at,
        targets.set_aside_at,
        targets.restored_at
    from records
    inner join targets
        on
            records.event_source = targets.target_source
            and records.event_id = targets.target_id
    where targets.target_hash is null
),

-- What came after it was set aside did not count for a moment.
dated as (
    select
        event_source,
        event_id,
        greatest(set_aside_at, known_at) as set_aside_at,
        coalesce(restored_at, {{ never }}) as restored_at
    from named
    where restored_at is null or restored_at > known_at
),

reaching as (
    select
        *,
        max(restored_at) over (
            partition by event_source, event_id
            order by set_aside_at, restored_at
            rows between unbounded preceding and 1 preceding
        ) as restored_before
    from dated
),

numbered as (
    select
        *,
        sum(case when set_aside_at <= restored_before then 0 else 1 end) over (
            partition by event_source, event_id
            order by set_aside_at, restored_at
            rows between unbounded preceding and current row
        ) as stretch
    from reaching
),

stretches as (
    select
        event_source,
        event_id,
        min(set_aside_at) as set_aside_at,
        nullif(max(restored_at), {{ never }}) as restored_at
    from numbered
    group by event_source, event_id, stretch
),

spans as (
    select
        event_source,
        event_id,
        cast(null as {{ moment_type() }}) as restored_at,
        min(set_aside_at) as set_aside_at
    from stretches
    group by event_source, event_id
    union all
    select
        event_source,
        event_id,
        restored_at,
        set_aside_again_at as set_aside_at
    from (
        select
            *,
            lead(set_aside_at) over (partition by event_source, event_id order by set_aside_at) as set_aside_again_at
        from stretches
    ) as followed
    where restored_at is not null
)

select * from spans
