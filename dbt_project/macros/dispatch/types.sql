{#- What the engine calls a type of the log's columns and fields, which are declared by DuckDB's names. -#}
{% macro type_of(declared) -%}
    {{ return(adapter.dispatch('type_of')(declared)) }}
{%- endmacro %}

{% macro duckdb__type_of(declared) -%}
    {{ declared }}
{%- endmacro %}

{% macro spark__type_of(declared) -%}
    {{ {'varchar': 'string', 'timestamptz': 'timestamp', 'blob': 'binary'}.get(declared, declared) }}
{%- endmacro %}
