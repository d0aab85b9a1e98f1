with

files as (
    select
        *,
        row_number() over (
            partition by content_hash, name
            order by commit_version desc, recorded_at desc
        ) as precedence
    from {{ ref('stg_log__files') }}
),

retries as (
    select
        *,
        row_number() over (
            partition by content_hash, position, place
            order by attempt desc, commit_version desc
        ) as precedence
    from {{ ref('stg_log__retries') }}
),

-- What left the quarantine since its file was checked.
released as (
    select
        content_hash,
        sum(case when outcome = 'accepted' then 1 else 0 end) as accepted_count,
        sum(case when outcome = 'duplicate' then 1 else 0 end) as duplicate_count
    from retries
    where precedence = 1
    group by content_hash
)

select
    files.content_hash,
    files.name,
    files.source_kind,
    files.state,
    files.reason,
    files.read_count,
    cast(
        files.accepted_count + case when files.state = 'ingested' then coalesce(released.accepted_count, 0) else 0 end
        as bigint
    ) as accepted_count,
    cast(
        files.duplicate_count + case when files.state = 'ingested' then coalesce(released.duplicate_count, 0) else 0 end
        as bigint
    ) as duplicate_count,
    cast(
        files.quarantined_count
        - case
            when files.state = 'ingested'
                then coalesce(released.accepted_count, 0) + coalesce(released.duplicate_count, 0)
            else 0
        end
        as bigint
    ) as quarantined_count,
    files.recorded_at,
    files.commit_version,
    {{ is_simulated() }} as is_simulated
from files
left join released
    on files.content_hash = released.content_hash
where files.precedence = 1
order by files.commit_version, files.name, files.content_hash
