{#- A number is neither NaN nor infinite. -#}
{% test finite(model, column_name) %}
select *
from {{ model }}
where
    {{ column_name }} is not null
    and not (
        {{ column_name }} > cast('-Infinity' as double)
        and {{ column_name }} < cast('Infinity' as double)
    )
{% endtest %}
