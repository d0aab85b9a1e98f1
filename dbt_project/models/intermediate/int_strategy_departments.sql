{{ config(schema='as_of') }}
{#- The departments of which the strategy wants exemplars, for the macros of the published file. -#}
select distinct department_id
from {{ ref('promised_exemplars') }}
where is_strategy_department
