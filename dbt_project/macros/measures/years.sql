{#- The window of the four quarters that end with a row's own, by their number: a quarter without a
    row is one of the four all the same. `series` names the columns of a series. -#}
{% macro last_four_quarters(series, quarter_index='quarter_index') -%}
    over (
            partition by {{ series }}
            order by {{ quarter_index }}
            range between 3 preceding and current row
        )
{%- endmacro %}

{#- One row per kind of year. -#}
{% macro year_kinds_sql() -%}
select 'rolling_year' as period_kind
union all
select 'financial_year' as period_kind
{%- endmacro %}

{#- Whether the year that ends with a quarter is one of its kind: every quarter ends a rolling year,
    and January to March a financial year. -#}
{% macro is_year_of_kind(period_kind, quarter_index) -%}
    {{ period_kind }} = 'rolling_year' or {{ quarter_index }} % 4 = 0
{%- endmacro %}
