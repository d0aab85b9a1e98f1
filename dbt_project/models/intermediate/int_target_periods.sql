{{ config(schema='as_of') }}
{#- Where each period of a target's own series lies: of the kind that the target is judged by, and of
    every other.

    One row per target, kind of period and period. The series of a service is its take-up under the
    target's definition; where that measures nothing (a service known from events alone), it is the
    headline. The series of a department is its take-up as at the period.
-#}
with

register as (
    select * from {{ stored('mart_targets') }}
    where metric = 'digital_take_up'
),

own as (
    select
        register.target_id,
        take_up.*,
        row_number() over (
            partition by register.target_id, take_up.period_kind, take_up.period_start
            order by case when take_up.is_authoritative then 0 else 1 end
        ) as precedence,
        max(case when take_up.value_status = 'complete' then 1 else 0 end) over (
            partition by register.target_id
        ) as is_measured
    from register
    inner join {{ known('take_up') }} as take_up
        on
            register.service_id = take_up.service_id
            and register.definition_id = take_up.definition_id
    where take_up.measure = 'completed'
),

measured_by_own as (
    select distinct target_id
    from own
    where is_measured = 1
),

of_services as (
    select
        target_id,
        period_kind,
        period_start,
        period_end,
        definition_id,
        basis,
        digital_count,
        total_count,
        take_up_ratio,
        take_up_lower,
        take_up_upper,
        value_status,
        known_at
    from own
    where precedence = 1 and is_measured = 1
    union all
    select
        register.target_id,
        headline.period_kind,
        headline.period_start,
        headline.period_end,
        headline.definition_id,
        headline.basis,
        headline.digital_count,
        headline.total_count,
        headline.take_up_ratio,
        headline.take_up_lower,
        headline.take_up_upper,
        headline.value_status,
        headline.known_at
    from register
    inner join {{ known('take_up_headline') }} as headline
        on register.service_id = headline.service_id
    left join measured_by_own
        on register.target_id = measured_by_own.target_id
    where measured_by_own.target_id is null
),

-- Where too little of a department is measured its figure is not one to judge by.
judged_bodies as (
    select
        *,
        case when coverage_status <> 'too_incomplete' then take_up_ratio end as judged_ratio
    from {{ known('department_take_up') }}
    where
        level = 'department'
        and structure = 'as_at_period'
        and scope = 'all'
),

of_departments as (
    select
        register.target_id,
        bodies.period_kind,
        bodies.period_start,
        bodies.period_end,
        bodies.definition_id,
        cast(null as {{ dbt.type_string() }}) as basis,
        bodies.digital_count,
        bodies.total_count,
        bodies.judged_ratio as take_up_ratio,
        bodies.judged_ratio as take_up_lower,
        bodies.judged_ratio as take_up_upper,
        case when bodies.judged_ratio is null then 'incomplete' else 'complete' end as value_status,
        cast(null as {{ moment_type() }}) as known_at
    from register
    inner join judged_bodies as bodies
        on
            register.department_id = bodies.department_id
            and register.definition_id = bodies.definition_id
    where register.service_id is null
),

of_all as (
    select * from of_services
    union all
    select * from of_departments
),

with_slack as (
    select
        of_all.*,
        register.target_ratio,
        register.period_kind as judged_kind,
        {{ rounding_slack(
            'of_all.period_kind', 'of_all.period_start', 'of_all.period_end',
            'services.rounding_unit', 'services.rounding_until'
        ) }} as total_slack
    from of_all
    inner join register
        on of_all.target_id = register.target_id
    left join {{ stored('mart_services') }} as services
        on register.service_id = services.service_id
),

bounded as (
    select
        *,
        case
            when take_up_ratio is not null and total_slack > 0
                then {{ least_take_up('digital_count', 'total_count', 'total_slack') }}
            when take_up_ratio is not null then take_up_ratio
            when value_status in ('incomplete', 'withdrawn') then take_up_lower
        end as lowest_ratio,
        case
            when take_up_ratio is not null and total_slack > 0
                then {{ most_take_up('digital_count', 'total_count', 'total_slack') }}
            when take_up_ratio is not null then take_up_ratio
            when value_status in ('incomplete', 'withdrawn') then take_up_upper
        end as highest_ratio
    from with_slack
)

select
    target_id,
    period_kind,
    period_start,
    period_end,
    period_kind = judged_kind as is_judged,
    {{ months_of_kind('period_kind') }} < {{ months_of_kind('judged_kind') }} as is_shorter,
    definition_id,
    basis,
    digital_count,
    total_count,
    take_up_ratio,
    lowest_ratio,
    highest_ratio,
    value_status,
    known_at,
    -- Unrounded on both sides: what is shown as 80.0% may be below 80%. Null where it may be either.
    case
        when lowest_ratio >= target_ratio then 1
        when highest_ratio < target_ratio then 0
    end as is_above
from bounded
where period_end <= {{ until_day() }}
