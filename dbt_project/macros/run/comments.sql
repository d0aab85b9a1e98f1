{#- dbt-duckdb asks the database for a table's columns before it comments on them. Those that are
    documented are there: a contract or a test of the documentation holds them to it. -#}
{% macro duckdb__alter_column_comment(relation, column_dict) %}
    {%- for name, column in column_dict.items() %}
    comment on column {{ relation }}.{{ name }} is {{ duckdb_escape_comment(column.description) }};
    {%- endfor %}
{% endmacro %}
