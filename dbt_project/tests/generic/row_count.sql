{#- A table has exactly so many rows. -#}
{% test row_count(model, rows) %}
select rows_count
from (select count(*) as rows_count from {{ model }}) as counted
where rows_count <> {{ rows }}
{% endtest %}
