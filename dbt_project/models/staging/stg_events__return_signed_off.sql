with

source as (
    select
        *,
        {{ json_record('data', {
            'service_id': 'varchar',
            'period': {'kind': 'varchar', 'start': 'date', 'end': 'date'},
            'role': 'varchar',
            'assurance': 'varchar',
            'commentary': 'varchar',
            'submitted_by_role': 'varchar',
            'due_on': 'date',
        }) }} as body
    from {{ log_records('event') }} as records
    where type = 'uk.gov.takeup.return.signed_off.v1'
),

renamed as (
    select
        source as event_source,
        id as event_id,
        coalesce(service_id, body.service_id) as service_id,
        body.period.kind as period_kind,
        body.period.start as period_start,
        body.period.end as period_end,
        body.role as signed_off_by_role,
        body.submitted_by_role as submitted_by_role,
        time as signed_off_at,
        body.assurance as assurance,
        body.commentary as commentary,
        body.due_on as due_on,
        coalesce(published_at, recorded_at) as known_at,
        recorded_at,
        file_hash as content_hash,
        commit_version
    from source
)

select * from renamed
