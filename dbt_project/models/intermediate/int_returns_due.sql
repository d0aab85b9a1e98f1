{{ config(schema='as_of') }}
{#- What the calendar of returns asks for: one row per service, kind of period and period.

    Of a department all of its services in the register are asked for, as its template has them; those
    of one that was over before the period are asked of the one that followed. A day for one
    department goes before a day for all.
-#}
with

calendar as (
    select
        department_id,
        period_kind,
        cast(period_start as date) as period_start,
        cast(period_end as date) as period_end,
        cast(due_on as date) as due_on
    from {{ ref('return_calendar') }}
),

departments as (
    select * from {{ ref('int_departments') }}
),

services as (
    select
        service_id,
        department_id
    from {{ ref('services') }}
    where kind = 'service'
),

-- A service is run from the first day of its channels to the last; without a row it always is.
lives_of_channels as (
    select
        service_id,
        min(coalesce(cast(valid_from as date), date '0001-01-01')) as first_day,
        max(coalesce(cast(valid_to as date), date '9999-12-31')) as last_day
    from {{ ref('service_channels') }}
    where expectation = 'expected'
    group by service_id
),

asked as (
    select
        services.service_id,
        calendar.department_id as named_department_id,
        calendar.period_kind,
        calendar.period_start,
        calendar.period_end,
        calendar.due_on,
        case
            when departments.valid_to < calendar.period_start then departments.current_department_id
            else departments.department_id
        end as department_id
    from calendar
    cross join services
    inner join departments
        on services.department_id = departments.department_id
),

ranked as (
    select
        asked.*,
        row_number() over (
            partition by asked.service_id, asked.period_kind, asked.period_start
            order by case when asked.named_department_id is null then 1 else 0 end, asked.due_on
        ) as precedence
    from asked
    left join lives_of_channels as lives
        on asked.service_id = lives.service_id
    where
        coalesce(asked.named_department_id, asked.department_id) = asked.department_id
        and coalesce(lives.first_day <= asked.period_end, true)
        and coalesce(lives.last_day >= asked.period_start, true)
)

select
    service_id,
    period_kind,
    period_start,
    period_end,
    department_id,
    due_on
from ranked
where precedence = 1
