{#- Returns that are expected of a service at a moment and have not come.

    One row per service, kind of period and period.

    A service that is in its department's returns for one period is expected in those for each later
    period of that kind for which the department has made a return, and for each one between returns of
    its own, unless the register says that the service had no channel any more. Besides, what the
    calendar asks for, from the day after its period.
-#}
{%- set months = "case period_kind when 'month' then 1 when 'quarter' then 3 else 12 end" %}
{%- set has_months = "period_kind in ('month', 'quarter', 'financial_year', 'year')" %}
with

returned as (
    select * from {{ known('int_returns') }}
),

-- By department, kind of period and period: a return was made, and by when it was asked for.
asked_of_departments as (
    select
        department_id,
        period_kind,
        period_start,
        max(due_on) as due_on
    from returned
    group by department_id, period_kind, period_start
),

lives as (
    select
        service_id,
        period_kind,
        min(period_start) as first_start,
        max(period_start) as last_start
    from returned
    where {{ has_months }}
    group by service_id, period_kind
),

last_departments as (
    select
        service_id,
        period_kind,
        department_id,
        row_number() over (
            partition by service_id, period_kind order by period_start desc, period_end desc
        ) as precedence
    from returned
    where {{ has_months }}
),

reaches as (
    select
        lives.service_id,
        lives.period_kind,
        lives.first_start,
        last_departments.department_id,
        -- `greatest` with a null is null on some engines.
        max(greatest(lives.last_start, coalesce(asked.period_start, lives.last_start))) as last_start
    from lives
    inner join last_departments
        on
            lives.service_id = last_departments.service_id
            and lives.period_kind = last_departments.period_kind
            and last_departments.precedence = 1
    left join asked_of_departments as asked
        on
            last_departments.department_id = asked.department_id
            and lives.period_kind = asked.period_kind
    group by lives.service_id, lives.period_kind, lives.first_start, last_departments.department_id
),

numbered as (
    select
        service_id,
        period_kind,
        department_id,
        first_start,
        {{ explode_integers(
            0,
            "cast((" ~ month_index('last_start') ~ " - " ~ month_index('first_start') ~ ") / (" ~ months ~ ") as integer)"
        ) }} as number
    from reaches
),

expected as (
    select
        service_id,
        period_kind,
        department_id,
        {{ month_start(month_index('first_start') ~ " + number * (" ~ months ~ ")") }} as period_start,
        last_day({{ month_start(month_index('first_start') ~ " + (number + 1) * (" ~ months ~ ") - 1") }}) as period_end
    from numbered
),

lives_of_channels as (
    select
        service_id,
        max(coalesce(valid_to, date '9999-12-31')) as last_day
    from {{ stored('mart_service_channels') }}
    where expectation = 'expected'
    group by service_id
),

expected_or_due as (
    select
        expected.service_id,
        expected.period_kind,
        expected.period_start,
        expected.period_end,
        expected.department_id,
        coalesce(asked.due_on, due.due_on) as due_on
    from expected
    left join asked_of_departments as asked
        on
            expected.department_id = asked.department_id
            and expected.period_kind = asked.period_kind
            and expected.period_start = asked.period_start
    left join {{ stored('int_returns_due') }} as due
        on
            expected.service_id = due.service_id
            and expected.period_kind = due.period_kind
            and expected.period_start = due.period_start
    left join lives_of_channels
        on expected.service_id = lives_of_channels.service_id
    where coalesce(lives_of_channels.last_day >= expected.period_start, true)
    union all
    select
        due.service_id,
        due.period_kind,
        due.period_start,
        due.period_end,
        due.department_id,
        due.due_on
    from {{ stored('int_returns_due') }} as due
    left join expected
        on
            due.service_id = expected.service_id
            and due.period_kind = expected.period_kind
            and due.period_start = expected.period_start
    where
        expected.service_id is null
        and due.period_end < {{ london_date(moment()) }}
)

select expected_or_due.*
from expected_or_due
left join returned
    on
        expected_or_due.service_id = returned.service_id
        and expected_or_due.period_kind = returned.period_kind
        and expected_or_due.period_start = returned.period_start
where returned.service_id is null
