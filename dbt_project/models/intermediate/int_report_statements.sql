{{ config(schema='as_of') }}
{#- What sections of reports say, as often as it was recorded, for those who ask at any moment. -#}
select
    event_source,
    event_id,
    statement_id,
    {{ report_of('document') }} as report,
    document,
    case when known_at <> recorded_at then {{ london_date('known_at') }} end as version_on,
    line,
    department_id,
    department_name,
    action,
    section_kind,
    section_year,
    statement_text,
    status,
    answers_plan,
    is_from_digest,
    known_at,
    restored_at,
    set_aside_at,
    content_hash,
    commit_version
from {{ ref('stg_events__statement_published') }}
