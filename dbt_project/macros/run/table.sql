{#- A table, made in its place with its comments in one statement. dbt-duckdb makes it under another
    name, moves the old one aside and the new one in, and asks for columns and comments in statements of
    their own: with tables as small as ours that took longer than the rows. Nobody reads the staging
    file while it is built, and a build that died is built again from the beginning. -#}
{% materialization table, adapter="duckdb", supported_languages=["sql", "python"] %}
    {%- set relation = this.incorporate(type="table") -%}
    {%- set drop = "drop table if exists " ~ relation ~ ";" -%}
    {%- if model["language"] == "python" -%}
        {%- do run_query(drop) -%}
        {%- call statement("main", language="python") -%}
            {{ create_table_as(False, relation, compiled_code, "python") }}
        {%- endcall -%}
        {%- do run_query(comments(relation)) -%}
    {%- else -%}
        {%- call statement("main") -%}
            {{ drop }} {{ create_table_as(False, relation, compiled_code) }} {{ comments(relation) }}
        {%- endcall -%}
        {%- do adapter.commit() -%}
    {%- endif -%}
    {%- do return({"relations": [relation]}) -%}
{% endmaterialization %}

{#- What dbt would store of a model's descriptions, as statements. -#}
{% macro comments(relation) -%}
    {%- if config.persist_relation_docs() and model.description -%}
        {{ duckdb__alter_relation_comment(relation, model.description) }}
    {%- endif -%}
    {%- if config.persist_column_docs() and model.columns -%}
        {{ duckdb__alter_column_comment(relation, model.columns) }}
    {%- endif -%}
{%- endmacro %}
