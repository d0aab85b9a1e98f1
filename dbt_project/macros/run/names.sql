{#- A schema is named as it is asked for: the target's own (`main`) for what analysts see, `as_of`
    for what only its macros need, `internal` for what the published file leaves out. dbt would
    prefix one with the other. -#}
{% macro generate_schema_name(custom_schema_name, node) -%}
    {{ target.schema if custom_schema_name is none else custom_schema_name | trim }}
{%- endmacro %}

{#- What only the macros of the published file need is named without the prefix that says where its
    model lies. -#}
{% macro generate_alias_name(custom_alias_name, node) -%}
    {%- set name = node.name if custom_alias_name is none else custom_alias_name | trim -%}
    {{ name[4:] if name.startswith('int_') and node.schema == 'as_of' else name }}
{%- endmacro %}
