{{ config(schema='as_of') }}
{#- What reports state in figures, as often as it was recorded, for those who ask at any moment. -#}
select
    event_source,
    event_id,
    figure_id,
    {{ report_of('document') }} as report,
    document,
    case when known_at <> recorded_at then {{ london_date('known_at') }} end as version_on,
    -- A section is named in a figure's identity, between the document and what the figure is of.
    case
        when {{ is_placed() }} and section_year is not null
            then {{ section_key() }}
        else coalesce(nullif(regexp_extract(figure_id, '^[^:]*:(.*):[^:]*:[^:]*:[0-9]+$', 1), ''), section, '')
    end as section_key,
    {{ is_placed() }} and section_year is not null as is_placed,
    passage,
    line,
    department_id,
    action,
    coalesce(section, place) as section,
    section_kind,
    section_year,
    service_id,
    subject,
    scope,
    metric,
    claim_kind,
    direction,
    period_kind,
    period_start,
    period_end,
    due_on,
    qualifier,
    value,
    unit,
    per,
    resolution,
    is_estimate,
    figure_text,
    is_from_digest,
    known_at,
    restored_at,
    set_aside_at,
    content_hash,
    commit_version
from {{ ref('stg_events__figure_published') }}
where claim_kind is not null
