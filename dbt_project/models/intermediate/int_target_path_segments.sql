{#- The stretches of the planned paths: between two points of a path the plan is a straight line, and
    outside of its points there is none.

    One row per target and pair of points that follow each other; the last point stands for itself.
    A path sets out from the baseline on the day on which the target was set, where that is stated.
-#}
with

register as (
    select * from {{ stored('mart_targets') }}
),

paths as (
    select
        target_id,
        period_end,
        planned_ratio
    from {{ stored('mart_target_paths') }}
),

first_points as (
    select
        target_id,
        min(period_end) as first_period_end
    from paths
    group by target_id
),

points as (
    select * from paths
    union all
    select
        register.target_id,
        register.set_on as period_end,
        register.baseline_ratio as planned_ratio
    from register
    inner join first_points
        on register.target_id = first_points.target_id
    where register.baseline_ratio is not null and register.set_on < first_points.first_period_end
)

select
    target_id,
    period_end as from_day,
    planned_ratio as from_ratio,
    coalesce(
        lead(period_end) over (partition by target_id order by period_end),
        {{ day_after('period_end') }}
    ) as to_day,
    coalesce(
        lead(planned_ratio) over (partition by target_id order by period_end),
        planned_ratio
    ) as to_ratio
from points
