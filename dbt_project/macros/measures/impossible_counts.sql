{#- Why a count that is known can't be right: it was published before its period ended, or no service
    can have so many transactions (the variable `impossible`). -#}
{% macro is_before_its_end(known_from, period_end) -%}
    {{ london_date(known_from) }} < {{ period_end }}
{%- endmacro %}

{% macro is_beyond_any_service(count) -%}
    {{ count }} > {{ var('impossible')['count_above'] }}
{%- endmacro %}
