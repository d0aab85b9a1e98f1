{{ config(schema='as_of') }}
{#- What a person decided of versions of reports that read worse than the one before. -#}
select
    document,
    decision
from {{ ref('report_versions') }}
