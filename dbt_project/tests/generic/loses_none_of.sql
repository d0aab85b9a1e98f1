{#- Every combination of columns in another relation is in this one too. -#}
{% test loses_none_of(model, relation, columns) %}
select distinct other.*
from (
    select {{ columns | join(", ") }}
    from {{ relation }}
) as other
left join {{ model }} as here
    on
        {% for column in columns -%}
        other.{{ column }} = here.{{ column }}{{ " and " if not loop.last }}
        {% endfor %}
where here.{{ columns[0] }} is null
{% endtest %}
