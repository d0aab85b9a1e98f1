{{ config(schema='as_of') }}
{#- The figures that publications of volumes state of themselves, for those who ask at any moment. -#}
select
    event_source,
    figure_id,
    document,
    line,
    department_id,
    coalesce(section, place) as section,
    service_id as subject_id,
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
    row_number() over (
        partition by event_source, figure_id
        order by known_at, commit_version, content_hash, event_id, restored_at nulls first
    ) as copy_number
from {{ ref('stg_events__figure_published') }}
where claim_kind is null
order by subject_id, metric, period_start, known_at
