{#- dbt-duckdb asks the database for a table's columns first, and passes over those that are
    documented and not there. Here one of these stops the build. -#}
{% macro duckdb__alter_column_comment(relation, column_dict) %}
    {%- for name, column in column_dict.items() %}
    comment on column {{ relation }}.{{ name }} is {{ duckdb_escape_comment(column.description) }};
    {%- endfor %}
{% endmacro %}
