{#- A whole number of 64 bits from several texts, to find what may be equal before it is compared. -#}
{% macro hash_of(texts) -%}
    {{ return(adapter.dispatch('hash_of')(texts)) }}
{%- endmacro %}

{% macro duckdb__hash_of(texts) -%}
    hash({{ texts | join(", ") }})
{%- endmacro %}

{% macro spark__hash_of(texts) -%}
    xxhash64({{ texts | join(", ") }})
{%- endmacro %}
