with

source as (
    select
        *,
        {{ json_record('data', {
            'figure_id': 'varchar',
            'passage': 'varchar',
            'metric': 'varchar',
            'subject': 'varchar',
            'section': 'varchar',
            'action': 'bigint',
            'section_kind': 'varchar',
            'section_year': 'bigint',
            'service_id': 'varchar',
            'department_id': 'varchar',
            'scope': 'varchar',
            'period': {'kind': 'varchar', 'start': 'date', 'end': 'date'},
            'due_on': 'date',
            'value': 'double',
            'unit': 'varchar',
            'resolution': 'double',
            'qualifier': 'varchar',
            'direction': 'varchar',
            'claim_kind': 'varchar',
            'is_estimate': 'boolean',
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
        -- A publication of volumes numbers nothing: there the event is the claim.
        coalesce(body.figure_id, md5(concat_ws('|', source, id))) as figure_id,
        body.passage as passage,
        coalesce(service_id, body.service_id) as service_id,
        body.department_id as department_id,
        body.subject as subject,
        body.scope as scope,
        body.section as section,
        body.action as action,
        body.section_kind as section_kind,
        body.section_year as section_year,
        body.metric as metric,
        body.period.kind as period_kind,
        body.period.start as period_start,
        body.period.end as period_end,
        body.due_on as due_on,
        body.value as value,
        body.unit as unit,
        body.resolution as resolution,
        body.qualifier as qualifier,
        body.direction as direction,
        body.claim_kind as claim_kind,
        body.is_estimate as is_estimate,
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
