{#- The first day of each quarter in headline_flows, which is as fine as anything is counted there. -#}
select distinct period_start
from {{ ref('headline_flows') }}
