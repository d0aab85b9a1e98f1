{#- Standing of every target, by the rules of docs/measures.md, "targets".

    One row per target. A target of a service is measured on `take_up`, one of a department on
    `department_take_up` (the structure as at the period). Only complete period ends of the
    target's own period kind and definition count, and of them only those on or after the day
    on which it was set.
-#}
with

register as (
    select * from {{ stored('mart_targets') }}
),

marked as (
    select
        *,
        row_number() over (partition by target_id, counts order by period_end desc) as number_from_last,
        max(case when counts = 1 and is_above = 1 then period_end end) over (
            partition by target_id
        ) as last_above
    from {{ known('int_target_measurements') }}
),

summaries as (
    select
        target_id,
        max(case when counts = 1 and number_from_last = 1 then measured_ratio end) as measured_ratio,
        max(case when counts = 1 and number_from_last = 1 then period_start end) as measured_period_start,
        max(case when counts = 1 and number_from_last = 1 then period_end end) as measured_period_end,
        max(case when counts = 1 and number_from_last = 1 then is_above end) as is_above,
        max(case when counts = 0 and number_from_last = 1 then is_above end) as was_above_before,
        min(case when counts = 1 and is_above = 1 then period_end end) as attained_on,
        min(case when counts = 1 and is_above = 0 and period_end > last_above then period_end end) as lost_on
    from marked
    group by target_id
),

first_points as (
    select
        target_id,
        min(period_end) as first_period_end
    from {{ stored('mart_target_paths') }}
    group by target_id
),

-- A path sets out from the baseline on the day on which the target was set, where that is stated.
points as (
    select
        target_id,
        period_end,
        planned_ratio
    from {{ stored('mart_target_paths') }}
    union all
    select
        register.target_id,
        register.set_on as period_end,
        register.baseline_ratio as planned_ratio
    from register
    inner join first_points
        on register.target_id = first_points.target_id
    where register.baseline_ratio is not null and register.set_on < first_points.first_period_end
),

planned_before as (
    select
        summaries.target_id,
        points.period_end,
        points.planned_ratio,
        row_number() over (partition by summaries.target_id order by points.period_end desc) as nearest
    from summaries
    inner join points
        on
            summaries.target_id = points.target_id
            and summaries.measured_period_end >= points.period_end
),

planned_after as (
    select
        summaries.target_id,
        points.period_end,
        points.planned_ratio,
        row_number() over (partition by summaries.target_id order by points.period_end) as nearest
    from summaries
    inner join points
        on
            summaries.target_id = points.target_id
            and summaries.measured_period_end <= points.period_end
),

-- Between two points of a planned path the plan is a straight line; outside of it there is none.
planned as (
    select
        planned_before.target_id,
        case
            when planned_before.period_end = planned_after.period_end then planned_before.planned_ratio
            else
                planned_before.planned_ratio
                + (planned_after.planned_ratio - planned_before.planned_ratio)
                * {{ days_between('planned_before.period_end', 'summaries.measured_period_end') }}
                / cast({{ days_between('planned_before.period_end', 'planned_after.period_end') }} as double)
        end as planned_ratio
    from planned_before
    inner join planned_after
        on planned_before.target_id = planned_after.target_id
    inner join summaries
        on planned_before.target_id = summaries.target_id
    where planned_before.nearest = 1 and planned_after.nearest = 1
),

standings as (
    select
        register.*,
        planned.planned_ratio,
        summaries.measured_ratio,
        summaries.measured_period_start,
        summaries.measured_period_end,
        summaries.is_above = 1 as is_attained,
        coalesce(summaries.was_above_before = 1, false) as was_above_before,
        summaries.attained_on,
        summaries.lost_on,
        -- Quarter ends after the measured period and up to the day on which it is due.
        {{ quarter_index(day_after('register.due_on')) }}
        - {{ quarter_index(day_after('summaries.measured_period_end')) }} as quarters_left,
        case
            when summaries.measured_period_end is null then 'not_measurable'
            when summaries.is_above = 1 then 'attained'
            when summaries.attained_on is not null then 'lost'
            when register.due_on <= summaries.measured_period_end then 'missed'
            else 'pending'
        end as verdict
    from register
    left join summaries
        on register.target_id = summaries.target_id
    left join planned
        on register.target_id = planned.target_id
),

reasoned as (
    select
        *,
        case
            when verdict = 'not_measurable' and metric <> 'digital_take_up'
                then concat('nothing measures ', metric)
            when verdict = 'not_measurable'
                then concat(
                    'no complete ', replace(period_kind, '_', ' '), ' ends on or after ',
                    coalesce(cast(set_on as {{ dbt.type_string() }}), 'any day')
                )
            when verdict = 'lost' then concat('below the target since ', cast(lost_on as {{ dbt.type_string() }}))
            when verdict = 'missed'
                then concat('not attained by ', cast(due_on as {{ dbt.type_string() }}), ' nor since')
            when verdict = 'pending' and due_on is null then 'not attained yet, and without a due date'
            when verdict = 'pending' then concat('not attained yet, due ', cast(due_on as {{ dbt.type_string() }}))
        end as verdict_reason
    from standings
)

select
    target_id,
    service_id,
    department_id,
    metric,
    target_ratio,
    set_on,
    due_on,
    period_kind,
    definition_id,
    source,
    cast(planned_ratio as double) as planned_ratio,
    measured_ratio,
    measured_period_start,
    measured_period_end,
    100.0 * (measured_ratio - target_ratio) as gap_pp,
    100.0 * (measured_ratio - planned_ratio) as planned_gap_pp,
    case
        when verdict in ('pending', 'lost') and quarters_left > 0
            then 100.0 * (target_ratio - measured_ratio) / quarters_left
    end as required_pp_per_quarter,
    is_attained,
    attained_on,
    lost_on,
    cast({{ days_between('attained_on', 'due_on') }} as bigint) as days_early,
    verdict,
    nullif(
        concat_ws('; ', case when was_above_before then 'above before it was set' end, verdict_reason),
        ''
    ) as reason,
    {{ is_simulated() }} as is_simulated
from reasoned
order by target_id
