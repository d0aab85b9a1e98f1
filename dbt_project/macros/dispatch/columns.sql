{#- Every column of a select's relation but some. -#}
{% macro all_but(columns) -%}
    {{ return(adapter.dispatch('all_but')(columns)) }}
{%- endmacro %}

{% macro duckdb__all_but(columns) -%}
    * exclude ({{ columns }})
{%- endmacro %}

{% macro spark__all_but(columns) -%}
    * except ({{ columns }})
{%- endmacro %}
