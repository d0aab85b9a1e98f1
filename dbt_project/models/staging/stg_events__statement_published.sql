with

source as (
    select
        *,
        {{ json_record('data', {
            'statement_id': 'varchar',
            'department_id': 'varchar',
            'department_name': 'varchar',
            'action': 'bigint',
            'section_kind': 'varchar',
            'section_year': 'bigint',
            'section': 'varchar',
            'text': 'varchar',
            'status': 'varchar',
            'answers_plan': 'boolean',
            'document': 'varchar',
            'line': 'bigint',
        }) }} as body
    from {{ log_records('event') }} as records
    where type = 'uk.gov.takeup.statement.published.v1'
),

renamed as (
    select
        source as event_source,
        id as event_id,
        coalesce(body.statement_id, md5(concat_ws('|', source, id))) as statement_id,
        body.document as document,
        coalesce(body.line, position) as line,
        body.department_id as department_id,
        body.department_name as department_name,
        body.action as action,
        body.section_kind as section_kind,
        body.section_year as section_year,
        body.section as section,
        body.text as statement_text,
        body.status as status,
        body.answers_plan as answers_plan,
        time as documented_at,
        coalesce(published_at, recorded_at) as known_at,
        recorded_at,
        file_hash as content_hash,
        commit_version
    from source
)

select * from renamed
