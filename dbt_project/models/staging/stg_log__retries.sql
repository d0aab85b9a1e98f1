with

source as (
    select * from {{ log_records('retry') }} as records
),

renamed as (
    select
        file_hash as content_hash,
        position,
        place,
        attempt,
        outcome,
        reason,
        recorded_at,
        commit_version
    from source
)

select * from renamed
