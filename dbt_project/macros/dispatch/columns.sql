{#- Every column of a select's relation but some. -#}
{% macro all_but(columns) -%}
    * exclude ({{ columns }})
{%- endmacro %}

{#- Some columns of a relation, each on its line, as part of a select list that is so far indented. -#}
{% macro columns_of(relation, columns, indent=8) -%}
    {%- for column in columns -%}
        {{ relation }}.{{ column }}{{ ",\n" ~ " " * indent if not loop.last }}
    {%- endfor -%}
{%- endmacro %}
