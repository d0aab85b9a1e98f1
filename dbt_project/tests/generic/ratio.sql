{#- A ratio lies between 0 and 1 and is a number: NaN and infinity fail as well. -#}
{% test ratio(model, column_name) %}
select *
from {{ model }}
where {{ column_name }} is not null and not ({{ column_name }} >= 0.0 and {{ column_name }} <= 1.0)
{% endtest %}
