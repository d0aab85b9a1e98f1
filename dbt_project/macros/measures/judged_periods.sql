{#- The grid of periods that a target is judged by, of any kind: a rolling year ends with each
    quarter, a financial year with March. -#}

{#- Position of the last period of its kind that ended before a day: consecutive for months and for
    what ends with a quarter, in steps of four for financial years. -#}
{% macro unit_before(period_kind, day) -%}
    case {{ period_kind }}
        when 'month' then {{ month_index(day) }} - 1
        when 'financial_year' then ({{ quarter_index(day) }} - 1) - ({{ quarter_index(day) }} - 1) % 4
        else {{ quarter_index(day) }} - 1
    end
{%- endmacro %}

{#- From one position of a period to the next one of its kind. -#}
{% macro unit_step(period_kind) -%}
    case {{ period_kind }} when 'financial_year' then 4 else 1 end
{%- endmacro %}

{#- Last day of the period at a position. -#}
{% macro unit_end(period_kind, unit) -%}
    case {{ period_kind }}
        when 'month' then last_day({{ month_start(unit) }})
        else {{ quarter_end(unit) }}
    end
{%- endmacro %}

{#- How many months a period of its kind has. -#}
{% macro months_of_kind(period_kind) -%}
    case {{ period_kind }} when 'month' then 1 when 'quarter' then 3 else 12 end
{%- endmacro %}
