{{ config(schema='as_of') }}
{#- A reader's judgement of entries on progress, for the macros of the published file. -#}
select
    {{ report_of('document') }} as report,
    document,
    department_id,
    year as reported_year,
    text_hash,
    status,
    answers_plan,
    says
from {{ ref('commitment_reviews') }}
