{#- A schema is named as it is asked for: the target's own (`main`) for what analysts see, `as_of`
    for what only its macros need, `internal` for what the published file leaves out. dbt would
    prefix one with the other. -#}
{% macro generate_schema_name(custom_schema_name, node) -%}
    {{ target.schema if custom_schema_name is none else custom_schema_name | trim }}
{%- endmacro %}

{#- What is published is named without the prefix that tells its model from a register, or says
    where it lies in the project. -#}
{% macro generate_alias_name(custom_alias_name, node) -%}
    {%- set name = node.name if custom_alias_name is none else custom_alias_name | trim -%}
    {%- if name.startswith('mart_') -%}
        {{ name[5:] }}
    {%- elif name.startswith('int_') and node.schema == 'as_of' -%}
        {{ name[4:] }}
    {%- else -%}
        {{ name }}
    {%- endif -%}
{%- endmacro %}
