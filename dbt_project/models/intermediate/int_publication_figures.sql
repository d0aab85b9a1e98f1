{{ config(schema='as_of') }}
{#- The figures that publications of volumes state of themselves, for those who ask at any moment. -#}
select
    event_source,
    event_id,
    figure_id,
    document,
    line,
    department_id,
    coalesce(section, place) as section,
    service_id,
    subject,
    scope,
    metric,
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
where claim_kind is null
