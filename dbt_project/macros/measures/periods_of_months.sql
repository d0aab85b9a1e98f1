{#- The periods that months make up: each month, each calendar quarter, and the rolling and
    financial years of four quarters between a service's first quarter and its last.

    One row per service and period, months as consecutive integers. `months` is a relation of
    service_id, month_index.
-#}
{% macro periods_of_months_sql(months) %}
with

whole_quarters as (
    select
        service_id,
        min(month_index) - min(month_index) % 3 as first_month,
        max(month_index) - max(month_index) % 3 + 2 as last_month
    from {{ months }}
    group by service_id
),

calendar as (
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
    calendar.service_id,
    kinds.period_kind,
    calendar.month_index as first_month,
    calendar.month_index + kinds.months_count - 1 as last_month,
    kinds.months_count,
    {{ month_start('calendar.month_index') }} as period_start,
    last_day({{ month_start('calendar.month_index + kinds.months_count - 1') }}) as period_end
from calendar
inner join kinds
    on
        calendar.month_index + kinds.months_count - 1 <= calendar.last_month
        and (
            kinds.months_count = 1
            or (kinds.period_kind = 'financial_year' and calendar.month_index % 12 = 3)
            or (kinds.period_kind in ('quarter', 'rolling_year') and calendar.month_index % 3 = 0)
        )
{% endmacro %}

{#- What months count, added up to their periods.

    One row per service, period and value of the columns `by` for which a month has any.
    `months` is a relation of service_id, month_index, known_at and the columns named: of `sums`
    the sum is taken, of `maxima` the greatest. `months_count` says how many months the period
    has, whether or not there is a row of each.
-#}
{% macro counts_of_periods_sql(months, sums, by=[], maxima=[]) %}
with

periods as (
    {{ periods_of_months_sql(months) | indent(4) }}
)

select
    periods.service_id,
    periods.period_kind,
    periods.period_start,
    periods.period_end,
    {%- for column in by %}
    months.{{ column }},
    {%- endfor %}
    {%- for column in maxima %}
    max(months.{{ column }}) as {{ column }},
    {%- endfor %}
    {%- for column in sums %}
    sum(months.{{ column }}) as {{ column }},
    {%- endfor %}
    max(periods.months_count) as months_count,
    max(months.known_at) as known_at
from periods
inner join {{ months }} as months
    on
        periods.service_id = months.service_id
        and periods.first_month <= months.month_index
        and periods.last_month >= months.month_index
group by
    periods.service_id,
    periods.period_kind,
    periods.period_start,
    periods.period_end
    {%- for column in by %},
    months.{{ column }}
    {%- endfor %}
{% endmacro %}
