{#- Columns of the event log and their types. A file of the log may lack those that its kind of
    record never fills. -#}
{% macro log_columns() -%}
    {%- do return({
        'commit_version': 'bigint',
        'recorded_at': 'timestamptz',
        'file_hash': 'varchar',
        'position': 'bigint',
        'place': 'varchar',
        'source': 'varchar',
        'id': 'varchar',
        'type': 'varchar',
        'time': 'timestamptz',
        'published_at': 'timestamptz',
        'data': 'varchar',
        'service_id': 'varchar',
        'channel': 'varchar',
        'assistance': 'varchar',
        'assistance_provider': 'varchar',
        'online_extent': 'varchar',
        'outcome': 'varchar',
        'transaction_id': 'varchar',
        'target_source': 'varchar',
        'target_id': 'varchar',
        'reason': 'varchar',
        'detail': 'varchar',
        'raw': 'blob',
        'name': 'varchar',
        'source_kind': 'varchar',
        'state': 'varchar',
        'read_count': 'bigint',
        'accepted_count': 'bigint',
        'duplicate_count': 'bigint',
        'quarantined_count': 'bigint',
        'size_bytes': 'bigint',
        'flags': 'varchar',
        'attempt': 'bigint',
    }) -%}
{%- endmacro %}

{#- The records of one kind in the event log, as a relation with the columns above. `after` leaves
    out what versions of the log up to that one had already. -#}
{% macro log_records(record_kind, after=-1) -%}
    {{ return(adapter.dispatch('log_records')(record_kind, after)) }}
{%- endmacro %}

{#- DuckDB reads the live files of the Delta table, which `internal.log_files` lists. The typed
    empty part gives every column a type even where no file has it. A file that does not say which
    version added it is always read: its rows do. -#}
{% macro duckdb__log_records(record_kind, after) -%}
    {%- set paths = [] -%}
    {%- if execute -%}
        {%- set listed = run_query(
            "select path from internal.log_files where record_kind = " ~ text_literal(record_kind)
            ~ " and coalesce(commit_version > " ~ after ~ ", true) order by path"
        ) -%}
        {%- for row in listed.rows -%}
            {%- do paths.append(text_literal(row[0])) -%}
        {%- endfor -%}
    {%- endif -%}
    (
        select
            {% for name, type in log_columns().items() -%}
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
