-- Still ahead: not attained, and not due by what is measured; also where nothing counts yet.
with

standings as (
    select * from {{ ref('target_attainment') }}
),

quarters as (
    select
        target_id,
        period_start as quarter_start,
        period_end as quarter_end,
        digital_count,
        total_count,
        known_at
    from {{ ref('int_target_periods') }}
    where
        period_kind = 'quarter'
        and value_status in ('complete', 'no_transactions')
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
