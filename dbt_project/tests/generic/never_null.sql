{#- Columns in which every row has a value, in one pass over the table: one row per column that has
    nulls. A test of each column by itself costs a query and far more of dbt's own time each. -#}
{% test never_null(model, columns) %}
select
    column_name,
    nulls_count
from (
    select
        names.column_name,
        case names.column_name
            {% for column in columns -%}
            when '{{ column }}' then counted.{{ column }}
            {% endfor -%}
        end as nulls_count
    from (
        select
            {% for column in columns -%}
            count(*) - count({{ column }}) as {{ column }}{{ "," if not loop.last }}
            {% endfor %}
        from {{ model }}
    ) as counted
    cross join (
        {% for column in columns -%}
        select '{{ column }}' as column_name{{ " union all" if not loop.last }}
        {% endfor %}
    ) as names
) as by_column
where nulls_count > 0
{% endtest %}
