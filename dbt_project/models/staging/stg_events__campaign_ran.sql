with

source as (
    select
        *,
        {{ json_record('data', {
            'service_id': 'varchar',
            'department_id': 'varchar',
            'kind': 'varchar',
            'start': 'date',
            'end': 'date',
        }) }} as body
    from {{ log_records('event') }} as records
    where type = 'uk.gov.takeup.campaign.ran.v1'
),

renamed as (
    select
        source as event_source,
        id as event_id,
        coalesce(service_id, body.service_id) as service_id,
        body.department_id as department_id,
        body.kind as campaign_kind,
        body.start as started_on,
        body.end as ended_on,
        coalesce(published_at, recorded_at) as known_at,
        recorded_at,
        file_hash as content_hash,
        commit_version
    from source
)

select * from renamed
