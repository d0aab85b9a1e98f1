{#- One parse of a JSON text into a struct. `fields` maps names to SQL types, or to such a map.
    A field that the text lacks is null. -#}
{% macro json_record(column, fields) -%}
    {{ return(adapter.dispatch('json_record')(column, fields)) }}
{%- endmacro %}

{% macro duckdb__json_record(column, fields) -%}
    json_transform({{ column }}, '{{ tojson(fields) }}')
{%- endmacro %}

{% macro spark__json_record(column, fields) -%}
    from_json({{ column }}, '{{ spark_struct_fields(fields) }}')
{%- endmacro %}

{% macro spark_struct_fields(fields) -%}
    {%- for name, type in fields.items() -%}
        {{ name }} {% if type is mapping -%}
            struct<{{ spark_struct_fields(type) }}>
        {%- else -%}
            {{ type_of(type) }}
        {%- endif -%}
        {{ ", " if not loop.last }}
    {%- endfor -%}
{%- endmacro %}

{#- The JSON text that bytes hold; null where they hold none. -#}
{% macro json_of_bytes(bytes) -%}
    {{ return(adapter.dispatch('json_of_bytes')(bytes)) }}
{%- endmacro %}

{% macro duckdb__json_of_bytes(bytes) -%}
    case when json_valid(try(decode({{ bytes }}))) then decode({{ bytes }}) end
{%- endmacro %}

{% macro spark__json_of_bytes(bytes) -%}
    decode({{ bytes }}, 'UTF-8')
{%- endmacro %}

{#- One row for each text of a JSON list of texts. Belongs in a select list. -#}
{% macro explode_texts(column) -%}
    unnest(from_json({{ column }}, '["varchar"]'))
{%- endmacro %}

{#- One struct for each object of a JSON list of objects, with the fields named. Belongs in a select
    list. -#}
{% macro explode_records(column, fields) -%}
    {{ return(adapter.dispatch('explode_records')(column, fields)) }}
{%- endmacro %}

{% macro duckdb__explode_records(column, fields) -%}
    unnest(from_json({{ column }}, '[{{ tojson(fields) }}]'))
{%- endmacro %}

{% macro spark__explode_records(column, fields) -%}
    explode(from_json({{ column }}, 'array<struct<{{ spark_struct_fields(fields) }}>>'))
{%- endmacro %}
