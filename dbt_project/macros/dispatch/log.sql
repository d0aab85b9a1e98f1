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
    leaves out what versions of the log up to that one had already. Who wants only events of some
    types, of the time from the first moment of `times` to the second, or of the commits that a query
    gives, says so: files that state to hold none of them are not opened. -#}
{% macro log_records(record_kind, after=-1, types=[], times=[], commits=none) -%}
    {{ return(adapter.dispatch('log_records')(record_kind, after, types, times, commits)) }}
{%- endmacro %}

{#- The query of the commits that hold what corrections and set-asides of new commits name. -#}
{% macro named_commits() -%}
    select commit_version from internal.named_commits
{%- endmacro %}

{#- DuckDB reads the live files of the Delta table. -#}
{% macro duckdb__log_records(record_kind, after, types, times, commits) -%}
    {%- set folder = given_input('log_folder') -%}
    {%- set files = [] -%}
    {%- for path in log_paths('internal.log_files', record_kind, after, types, times, commits) -%}
        {%- do files.append(text_literal(path if folder is none else folder ~ '/' ~ path)) -%}
    {%- endfor -%}
    (
        {{ no_records(record_kind) | trim }}
        {%- if files %}
        union all by name
        select *
        from read_parquet([{{ files | join(", ") }}], union_by_name = true, hive_partitioning = false)
        {%- if after >= 0 %}
        where commit_version > {{ after }}
        {%- endif %}
        {%- endif %}
    )
{%- endmacro %}

{#- On a cluster Spark reads the Delta table, registered as `internal.log`; in a process of ours, which
    has no Delta, the same files as DuckDB. It searches all of them. -#}
{% macro spark__log_records(record_kind, after, types, times, commits) -%}
    {%- if given_input('spark_tables') is none -%}
    (select * from internal.log where record_kind = {{ text_literal(record_kind) }} and commit_version > {{ after }})
    {%- else -%}
    (select * from {{ spark_view_of_log(record_kind, after) }} where commit_version > {{ after }})
    {%- endif -%}
{%- endmacro %}

{#- SQL takes no list of Parquet files from Spark: a view does, by one pattern of all their paths. -#}
{% macro spark_view_of_log(record_kind, after) -%}
    {%- set view = 'log_' ~ record_kind ~ '_after_' ~ (after if after >= 0 else 'none') -%}
    {%- set columns = [] -%}
    {%- for name, type in log_columns(record_kind).items() -%}
        {%- do columns.append(adapter.quote(name) ~ " " ~ type_of(type)) -%}
    {%- endfor -%}
    {%- if execute -%}
        {%- set listed = "parquet.`" ~ given_input('spark_tables') ~ "/log_files.parquet`" -%}
        {%- set paths = log_paths(listed, record_kind, after) -%}
        {%- do run_query(
            "create or replace temporary view " ~ view ~ (
                " (" ~ columns | join(", ") ~ ") using parquet options (path "
                ~ text_literal(given_input('log_folder') ~ "/{" ~ paths | join(",") ~ "}") ~ ")"
                if paths else " as " ~ no_records(record_kind)
            )
        ) -%}
    {%- endif -%}
    {%- do return(view) -%}
{%- endmacro %}

{#- No row, with the columns of a kind of record and their types, which are there where no file has
    them. -#}
{% macro no_records(record_kind) -%}
        select
            {% for name, type in log_columns(record_kind).items() -%}
            cast(null as {{ type_of(type) }}) as {{ adapter.quote(name) }}{{ "," if not loop.last }}
            {% endfor %}
        where false
{%- endmacro %}

{#- Paths, as `listed` has them below the log's folder, of the live files with records of a kind. A
    file that does not say which version added it, or what it holds, is always among them: its rows
    do. -#}
{% macro log_paths(listed, record_kind, after, types=[], times=[], commits=none) -%}
    {%- set conditions = ["commit_version > " ~ after] -%}
    {%- if types -%}
        {%- do conditions.append("first_type <= " ~ text_literal(types | max)) -%}
        {%- do conditions.append("last_type >= " ~ text_literal(types | min)) -%}
    {%- endif -%}
    {%- if times -%}
        {%- do conditions.extend(["first_time < " ~ times[1], "last_time >= " ~ times[0]]) -%}
    {%- endif -%}
    {%- if commits is not none -%}
        {%- do conditions.append(
            "first_commit is null or exists (select 1 from (" ~ commits
            ~ ") as asked where asked.commit_version between first_commit and last_commit)"
        ) -%}
    {%- endif -%}
    {%- if execute -%}
        {%- do return(run_query(
            "select path from " ~ listed ~ " where record_kind = " ~ text_literal(record_kind)
            ~ " and coalesce(" ~ conditions | join(", true) and coalesce(") ~ ", true) order by path"
        ).columns[0].values() | list) -%}
    {%- endif -%}
    {%- do return([]) -%}
{%- endmacro %}
