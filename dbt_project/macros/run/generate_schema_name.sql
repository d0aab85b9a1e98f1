{#- A schema is named as it is asked for: `internal` for what the published file leaves out,
    the target's own (`main`) for what analysts see. dbt would prefix one with the other. -#}
{% macro generate_schema_name(custom_schema_name, node) -%}
    {{ target.schema if custom_schema_name is none else custom_schema_name | trim }}
{%- endmacro %}
