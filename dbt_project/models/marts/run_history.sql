with

files as (
    select * from {{ ref('stg_log__files') }}
),

retries as (
    select * from {{ ref('stg_log__retries') }}
),

landed as (
    select
        commit_version,
        recorded_at,
        count(*) as files_count,
        sum(case when state = 'rejected' then 1 else 0 end) as files_rejected_count,
        sum(coalesce(read_count, 0)) as read_count,
        sum(coalesce(accepted_count, 0)) as accepted_count,
        sum(coalesce(duplicate_count, 0)) as duplicate_count,
        sum(coalesce(quarantined_count, 0)) as quarantined_count,
        0 as retried_count,
        0 as released_count
    from files
    group by commit_version, recorded_at
),

retried as (
    select
        commit_version,
        recorded_at,
        count(*) as retried_count,
        sum(case when outcome = 'quarantined' then 0 else 1 end) as released_count
    from retries
    group by commit_version, recorded_at
),

commits as (
    select * from landed
    union all
    select
        commit_version,
        recorded_at,
        0 as files_count,
        0 as files_rejected_count,
        0 as read_count,
        0 as accepted_count,
        0 as duplicate_count,
        0 as quarantined_count,
        retried_count,
        released_count
    from retried
)

select
    commit_version,
    recorded_at,
    cast(sum(files_count) as bigint) as files_count,
    cast(sum(files_rejected_count) as bigint) as files_rejected_count,
    cast(sum(read_count) as bigint) as read_count,
    cast(sum(accepted_count) as bigint) as accepted_count,
    cast(sum(duplicate_count) as bigint) as duplicate_count,
    cast(sum(quarantined_count) as bigint) as quarantined_count,
    cast(sum(retried_count) as bigint) as retried_count,
    cast(sum(released_count) as bigint) as released_count,
    {{ is_simulated() }} as is_simulated
from commits
group by commit_version, recorded_at
order by commit_version
