{{ config(schema='as_of') }}
{#- What people judged of promises, for the macros of the published file. -#}
select
    promise_id,
    {{ report_of('document') }} as report,
    document,
    section,
    part,
    line,
    passage,
    department_id,
    body,
    promise,
    due_on,
    due_text,
    place,
    partners,
    service_id,
    target_id,
    target_figure_id,
    outcome_figure_id,
    reported,
    reported_by,
    progress,
    reviewed_until,
    reason
from {{ ref('promise_reviews') }}
