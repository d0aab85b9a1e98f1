{#- The periods that months make up: each month, each calendar quarter, and the rolling and
    financial years of four quarters between a service's first quarter and its last.

    One row per service and period, months as consecutive integers. `spans` is a relation of
    service_id, first_month, last_month.
-#}
{% macro periods_of_months_sql(spans) %}
with

whole_quarters as (
    select
        service_id,
        first_month - first_month % 3 as first_month,
        last_month - last_month % 3 + 2 as last_month
    from {{ spans }}
),

months as (
    select
        service_id,
        last_month,
        {{ explode_integers('first_month', 'last_month') }} as month_index
    from whole_quarters
),

kinds as (
    select
        'month' as period_kind,
        1 as months_count
    union all
    select
        'quarter' as period_kind,
        3 as months_count
    union all
    select
        'rolling_year' as period_kind,
        12 as months_count
    union all
    select
        'financial_year' as period_kind,
        12 as months_count
)

select
    months.service_id,
    kinds.period_kind,
    months.month_index as first_month,
    months.month_index + kinds.months_count - 1 as last_month,
    kinds.months_count,
    {{ month_start('months.month_index') }} as period_start,
    last_day({{ month_start('months.month_index + kinds.months_count - 1') }}) as period_end
from months
inner join kinds
    on
        months.month_index + kinds.months_count - 1 <= months.last_month
        and (
            kinds.months_count = 1
            or (kinds.period_kind = 'financial_year' and months.month_index % 12 = 3)
            or (kinds.period_kind in ('quarter', 'rolling_year') and months.month_index % 3 = 0)
        )
{% endmacro %}
