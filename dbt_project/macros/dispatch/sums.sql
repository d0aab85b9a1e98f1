{#- A sum of doubles that does not depend on the order in which they come: each is taken to 18
    decimal places first. -#}
{% macro ordered_sum(expression) -%}
    cast(sum(cast({{ expression }} as decimal(28, 18))) as double)
{%- endmacro %}
