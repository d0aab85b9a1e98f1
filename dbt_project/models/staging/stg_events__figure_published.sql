with

source as (
    select
        *,
        {{ json_record('data', {
            'metric': 'varchar',
            'subject': 'varchar',
            'section': 'varchar',
            'service_id': 'varchar',
            'department_id': 'varchar',
            'period': {'kind': 'varchar', 'start': 'date', 'end': 'date'},
            'value': 'double',
            'unit': 'varchar',
            'qualifier': 'varchar',
            'text': 'varchar',
            'document': 'varchar',
            'line': 'bigint',
            'place': 'varchar',
        }) }} as body
    from {{ log_records('event') }} as records
    where type = 'uk.gov.takeup.figure.published.v1'
),

renamed as (
    select
        source as event_source,
        id as event_id,
        coalesce(service_id, body.service_id) as service_id,
        body.department_id as department_id,
        body.subject as subject,
        body.section as section,
        body.metric as metric,
        body.period.kind as period_kind,
        body.period.start as period_start,
        body.period.end as period_end,
        body.value as value,
        body.unit as unit,
        body.qualifier as qualifier,
        body.text as figure_text,
        body.document as document,
        coalesce(body.line, position) as line,
        coalesce(body.place, place) as place,
        coalesce(published_at, recorded_at) as known_at,
        recorded_at,
        file_hash as content_hash,
        commit_version
    from source
)

select * from renamed
