{#- What ingest declares of the event log: `columns` by kind of record and `fields` by type of event,
    as SQL types. `takeup` states it in the environment, as JSON. Parsing needs none of it. -#}
{% macro log_declaration() -%}
    {%- set declared = fromjson(dbt_metadata_envs.get('TAKEUP_LOG', '{}')) -%}
    {%- if execute and not declared -%}
        {%- do exceptions.raise_compiler_error(
            "nothing says which columns the log has: a build is started by `takeup build`, which does"
        ) -%}
    {%- endif -%}
    {%- do return(declared) -%}
{%- endmacro %}

{#- Columns of one kind of record and their types. -#}
{% macro log_columns(record_kind) -%}
    {%- do return(log_declaration()['columns'][record_kind] if execute else {}) -%}
{%- endmacro %}

{#- Fields of the data of one type of event and their types, as in its JSON Schema. -#}
{% macro event_fields(type) -%}
    {%- do return(log_declaration()['fields'][type] if execute else {}) -%}
{%- endmacro %}

{#- The records of one kind in the event log, as a relation with the columns of that kind. `after`
    leaves out what versions of the log up to that one had already. -#}
{% macro log_records(record_kind, after=-1) -%}
    {{ return(adapter.dispatch('log_records')(record_kind, after)) }}
{%- endmacro %}

{#- DuckDB reads the live files of the Delta table, which `internal.log_files` lists by their paths
    below the log's folder: where that lies is the run's to say, for a home may be moved. The typed
    empty part gives every column a type even where no file has it. A file that does not say which
    version added it is always read: its rows do. -#}
{% macro duckdb__log_records(record_kind, after) -%}
    {%- set paths = [] -%}
    {%- set folder = given_input('log_folder') -%}
    {%- if execute -%}
        {%- set listed = run_query(
            "select path from internal.log_files where record_kind = " ~ text_literal(record_kind)
            ~ " and coalesce(commit_version > " ~ after ~ ", true) order by path"
        ) -%}
        {%- for row in listed.rows -%}
            {%- do paths.append(text_literal(row[0] if folder is none else folder ~ '/' ~ row[0])) -%}
        {%- endfor -%}
    {%- endif -%}
    (
        select
            {% for name, type in log_columns(record_kind).items() -%}
            cast(null as {{ type }}) as "{{ name }}"{{ "," if not loop.last }}
            {% endfor %}
        where false
        {%- if paths %}
        union all by name
        select *
        from read_parquet([{{ paths | join(", ") }}], union_by_name = true, hive_partitioning = false)
        {%- if after >= 0 %}
        where commit_version > {{ after }}
        {%- endif %}
        {%- endif %}
    )
{%- endmacro %}

{#- Spark reads the Delta table itself, registered as `internal.log`. -#}
{% macro spark__log_records(record_kind, after) -%}
    (select * from internal.log where record_kind = {{ text_literal(record_kind) }} and commit_version > {{ after }})
{%- endmacro %}
