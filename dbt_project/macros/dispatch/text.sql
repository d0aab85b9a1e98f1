{#- An identifier from a printed name: lower case, every run of anything else than letters and
    digits one hyphen. -#}
{% macro slug(text) -%}
    {{ return(adapter.dispatch('slug')(text)) }}
{%- endmacro %}

{% macro duckdb__slug(text) -%}
    trim(regexp_replace(lower({{ text }}), '[^a-z0-9]+', '-', 'g'), '-')
{%- endmacro %}

{% macro spark__slug(text) -%}
    trim(both '-' from regexp_replace(lower({{ text }}), '[^a-z0-9]+', '-'))
{%- endmacro %}

{#- The texts of a group in one, ordered, so that it never depends on the order of rows. -#}
{% macro joined_texts(text, separator) -%}
    {{ return(adapter.dispatch('joined_texts')(text, separator)) }}
{%- endmacro %}

{% macro duckdb__joined_texts(text, separator) -%}
    string_agg({{ text }}, '{{ separator }}' order by {{ text }})
{%- endmacro %}

{% macro spark__joined_texts(text, separator) -%}
    array_join(sort_array(collect_list({{ text }})), '{{ separator }}')
{%- endmacro %}
