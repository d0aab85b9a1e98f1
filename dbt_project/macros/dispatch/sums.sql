{#- A sum of doubles that does not depend on the order in which they come: each is taken to a
    number of decimal places first. -#}
{% macro ordered_sum(expression, places=18) -%}
    cast(sum(cast({{ expression }} as decimal(28, {{ places }}))) as double)
{%- endmacro %}
