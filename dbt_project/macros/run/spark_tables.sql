{#- Where the models that read the log run on Spark, which `takeup build` says by the input
    `spark_tables`: the folder that Spark writes their tables to, and DuckDB takes them from. -#}

{#- Where Spark keeps a model's table: Parquet files in a folder. -#}
{% macro spark_table(node) -%}
    {%- do return(given_input('spark_tables') ~ '/' ~ node.schema ~ '/' ~ node.alias) -%}
{%- endmacro %}

{% macro spark__location_clause() -%}
    {{ "location " ~ text_literal(spark_table(model)) if given_input('spark_tables') is not none }}
{%- endmacro %}

{% macro is_made_on_spark() -%}
    {%- do return(given_input('spark_tables') is not none and 'reads_log' in model.tags) -%}
{%- endmacro %}

{#- A Spark of one process knows no table of an earlier one: those that grow with the log are named
    to it, and to dbt, which has looked for them before. -#}
{% macro name_spark_tables() -%}
    {%- if execute and target.type == 'spark' and given_input('spark_tables') is not none and stated_log_version() >= 0 -%}
        {%- for node in graph.nodes.values() if node.config.materialized == 'incremental' -%}
            {%- set relation = api.Relation.create(schema=node.schema, identifier=node.alias, type='table') -%}
            {%- do run_query("create table " ~ relation ~ " using parquet location " ~ text_literal(spark_table(node))) -%}
            {%- do adapter.cache_added(relation) -%}
        {%- endfor -%}
    {%- endif -%}
{%- endmacro %}

{#- On Spark rows of new commits are added: `takeup build` never brings a commit again. -#}
{% materialization incremental, adapter="spark" %}
    {%- set relation = this.incorporate(type="table") -%}
    {%- if not is_incremental() -%}
        {%- do adapter.drop_relation(relation) -%}
    {%- endif -%}
    {%- call statement("main") -%}
        {%- if is_incremental() -%}
        insert into {{ relation }} by name {{ compiled_code }}
        {%- else -%}
        {{ create_table_as(False, relation, compiled_code) }}
        {%- endif -%}
    {%- endcall -%}
    {%- do return({"relations": [relation]}) -%}
{% endmaterialization %}

{#- What Spark made is taken in whole, with contract, comments and tests as if it were made here. -#}
{% macro duckdb__create_table_as(temporary, relation, compiled_code, language='sql', partitioned_by=none, sorted_by=none) -%}
    {%- set files = spark_table(model) ~ '/*.parquet' -%}
    {%- do return(dbt.duckdb__create_table_as(
        temporary,
        relation,
        "select * from read_parquet(" ~ text_literal(files) ~ ")" if is_made_on_spark() else compiled_code,
        language,
        partitioned_by,
        sorted_by,
    )) -%}
{%- endmacro %}
