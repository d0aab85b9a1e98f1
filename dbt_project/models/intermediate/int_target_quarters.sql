-- Still ahead: not attained, and not due by what is measured; also where nothing counts yet.
with

standings as (
    select * from {{ ref('target_attainment') }}
),

-- Where both bases are under a target's definition, the authoritative one is measured.
service_quarters as (
    select
        *,
        row_number() over (
            partition by service_id, period_start, definition_id
            order by case when is_authoritative then 0 else 1 end
        ) as precedence
    from {{ ref('take_up') }}
    where
        measure = 'completed'
        and period_kind = 'quarter'
        and value_status in ('complete', 'no_transactions')
),

department_quarters as (
    select *
    from {{ ref('department_take_up') }}
    where
        level = 'department'
        and structure = 'as_at_period'
        and scope = 'all'
        and coverage_status <> 'too_incomplete'
        and period_kind = 'quarter'
        and take_up_ratio is not null
),

quarters as (
    select
        standings.target_id,
        service_quarters.period_start as quarter_start,
        service_quarters.period_end as quarter_end,
        service_quarters.digital_count,
        service_quarters.total_count,
        service_quarters.known_at
    from standings
    inner join service_quarters
        on
            standings.service_id = service_quarters.service_id
            and standings.definition_id = service_quarters.definition_id
    where service_quarters.precedence = 1 and standings.metric = 'digital_take_up'
    union all
    select
        standings.target_id,
        department_quarters.period_start as quarter_start,
        department_quarters.period_end as quarter_end,
        department_quarters.digital_count,
        department_quarters.total_count,
        cast(null as {{ dbt.type_timestamp() }}) as known_at
    from standings
    inner join department_quarters
        on
            standings.department_id = department_quarters.department_id
            and standings.definition_id = department_quarters.definition_id
    where standings.service_id is null and standings.metric = 'digital_take_up'
),

last_quarters as (
    select
        target_id,
        max(quarter_end) as last_quarter_end
    from quarters
    group by target_id
)

select
    standings.target_id,
    standings.metric,
    standings.period_kind,
    standings.due_on,
    quarters.quarter_start,
    quarters.digital_count,
    quarters.total_count,
    quarters.known_at,
    standings.is_simulated
from standings
left join last_quarters
    on standings.target_id = last_quarters.target_id
left join quarters
    on standings.target_id = quarters.target_id
where
    standings.verdict = 'pending'
    or (
        standings.verdict = 'not_measurable'
        and (
            standings.due_on is null
            or last_quarters.last_quarter_end is null
            or standings.due_on > last_quarters.last_quarter_end
        )
    )
