with

projections as (
    select * from {{ ref('int_target_projections') }}
),

targets as (
    select * from {{ ref('target_attainment') }}
),

knowledge as (
    select
        target_id,
        max(known_at) as known_at
    from {{ ref('int_target_quarters') }}
    group by target_id
)

select
    projections.target_id,
    targets.service_id,
    targets.department_id,
    targets.period_kind,
    projections.period_start,
    projections.period_end,
    projections.quarters_ahead,
    projections.projected_ratio,
    projections.lower_80,
    projections.upper_80,
    projections.lower_95,
    projections.upper_95,
    targets.target_ratio,
    projections.quarters_used,
    projections.method,
    projections.value_status,
    projections.status_reason,
    knowledge.known_at,
    {{ is_simulated() }} as is_simulated
from projections
inner join targets
    on projections.target_id = targets.target_id
inner join knowledge
    on projections.target_id = knowledge.target_id
order by projections.target_id, projections.period_end
