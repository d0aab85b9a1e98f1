with

source as (
    select * from {{ log_records('file') }} as records
),

renamed as (
    select
        file_hash as content_hash,
        name,
        source_kind,
        state,
        reason,
        detail,
        read_count,
        accepted_count,
        duplicate_count,
        quarantined_count,
        size_bytes,
        flags,
        recorded_at,
        commit_version
    from source
)

select * from renamed
