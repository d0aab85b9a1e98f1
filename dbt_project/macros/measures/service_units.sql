{#- A service's unit (month, quarter), over all its channels. -#}
{% macro service_unit(relation, unit) -%}
    partition by {{ relation }}.basis, {{ relation }}.measure, {{ relation }}.service_id, {{ relation }}.{{ unit }}
{%- endmacro %}
