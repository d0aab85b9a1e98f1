with

targets as (
    select * from {{ ref('int_set_aside_targets') }}
),

records as (
    select * from {{ ref('int_set_aside_records') }}
),

files as (
    select
        content_hash,
        min(name) as name
    from {{ ref('stg_log__files') }}
    where state = 'ingested'
    group by content_hash
),

of_files as (
    select
        content_hash,
        count(*) as records_count
    from records
    group by content_hash
),

named as (
    select
        targets.*,
        records.event_type,
        coalesce(records.content_hash, targets.target_hash) as content_hash,
        case
            when targets.target_hash is not null then coalesce(of_files.records_count, 0)
            when records.event_id is not null then 1
            else 0
        end as records_count
    from targets
    left join records
        on
            targets.target_hash is null
            and targets.target_source = records.event_source
            and targets.target_id = records.event_id
    left join of_files
        on targets.target_hash = of_files.content_hash
)

select
    case when named.target_hash is null then 'record' else 'file' end as what,
    named.content_hash,
    files.name as input,
    case when named.target_hash is null then named.target_source end as event_source,
    case when named.target_hash is null then named.target_id end as event_id,
    named.event_type,
    cast(named.records_count as bigint) as records_count,
    named.role,
    named.reason,
    named.set_aside_at,
    named.restored_at,
    named.restored_by_role,
    named.restored_reason,
    {{ is_simulated() }} as is_simulated
from named
left join files
    on named.content_hash = files.content_hash
order by named.set_aside_at, named.content_hash, named.target_source, named.target_id
