{#- Calendar months as consecutive integers (year x 12 + 0 to 11), so that a year before is twelve
    less, and back to the day that they begin on. -#}
{% macro month_index(date) -%}
    (year({{ date }}) * 12 + month({{ date }}) - 1)
{%- endmacro %}

{% macro month_start(index) -%}
    make_date(cast(floor(({{ index }}) / 12.0) as integer), cast(({{ index }}) % 12 + 1 as integer), 1)
{%- endmacro %}

{#- How many months before a period of its kind the one before it begins. Rolling years follow
    each other by the quarter. -#}
{% macro months_to_previous(period_kind) -%}
    case {{ period_kind }} when 'month' then 1 when 'financial_year' then 12 else 3 end
{%- endmacro %}
