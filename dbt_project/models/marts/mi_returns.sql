{#- What became of the return of each service and period, as known at a moment.

    One row per service, kind of period and period.

    A return is there from the first of it that is known, and a later one restates it: the latest
    sign-off known says who, how far assured and with what commentary. It is final where that
    sign-off is of the latest figures and none of these wait in quarantine.

    A department answers once for all of its services. A service that is in its returns for one
    period is expected in those for each later period of that kind for which the department has
    made a return, and for each one between returns of its own, unless the register says that the
    service had no channel any more. What nobody returned before is not expected: no source says
    of which services a return was asked for.
-#}
{%- set period = "service_id, period_kind, period_start, period_end" %}
{%- set period_columns = period | replace(", ", ",\n        ") %}
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

outstanding as (
    select
        expected.service_id,
        expected.period_kind,
        expected.period_start,
        expected.period_end,
        expected.department_id,
        asked.due_on
    from expected
    left join returned
        on
            expected.service_id = returned.service_id
            and expected.period_kind = returned.period_kind
            and expected.period_start = returned.period_start
    left join asked_of_departments as asked
        on
            expected.department_id = asked.department_id
            and expected.period_kind = asked.period_kind
            and expected.period_start = asked.period_start
    left join lives_of_channels
        on expected.service_id = lives_of_channels.service_id
    where
        returned.service_id is null
        and coalesce(lives_of_channels.last_day >= expected.period_start, true)
)

select
    {{ period_columns }},
    department_id,
    due_on,
    received_at,
    due_on < {{ london_date('received_at') }} as is_late,
    submissions_count,
    refused_count,
    submitted_by_role,
    signed_off_by_role,
    signed_off_at,
    -- A blank is unassured, as the template says.
    coalesce(assurance, 'unassured') as assurance,
    case
        when
            sign_off_submitted_at >= coalesce(last_submitted_at, sign_off_submitted_at)
            and refused_count = 0
            then 'final'
        else 'provisional'
    end as release_status,
    commentary,
    known_at,
    {{ is_simulated() }} as is_simulated
from returned
union all
select
    {{ period_columns }},
    department_id,
    due_on,
    cast(null as {{ moment_type() }}) as received_at,
    due_on < {{ london_date(moment()) }} as is_late,
    cast(0 as bigint) as submissions_count,
    cast(0 as bigint) as refused_count,
    cast(null as {{ dbt.type_string() }}) as submitted_by_role,
    cast(null as {{ dbt.type_string() }}) as signed_off_by_role,
    cast(null as {{ moment_type() }}) as signed_off_at,
    cast(null as {{ dbt.type_string() }}) as assurance,
    cast(null as {{ dbt.type_string() }}) as release_status,
    cast(null as {{ dbt.type_string() }}) as commentary,
    cast(null as {{ moment_type() }}) as known_at,
    {{ is_simulated() }} as is_simulated
from outstanding
order by service_id, period_kind, period_start
