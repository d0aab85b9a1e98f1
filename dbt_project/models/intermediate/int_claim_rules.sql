{{ config(schema='as_of') }}
{#- What claims are held against, for the macros of the published file. -#}
select
    figure_id,
    metric,
    measure,
    measure_subject,
    period_kind,
    period_start,
    period_end,
    is_nearest,
    target_id,
    reason
from {{ ref('claim_measures') }}
