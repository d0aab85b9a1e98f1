{#- The figure that a promise states and the outcome that answers it, as known at a moment: one row per
    promise that has either. By the register of reviews where it names them; else the one target that
    its sentence prints, and the latest outcome of the same metric, unit and thing that its
    department reports for its year or after.
-#}
with

promises as (
    select * from {{ known('int_promises_made') }}
    where is_first and (is_reviewed or is_checkable)
),

figures as (
    select * from {{ known('published_figures') }}
    where claim_kind is not null and value is not null
),

printed_targets as (
    select
        promises.promise_id,
        figures.figure_id,
        count(*) over (partition by promises.promise_id) as targets_count
    from promises
    inner join figures
        on
            promises.department_id = figures.department_id
            and promises.section_kind = figures.section_kind
            and promises.section_year = figures.section_year
            and figures.claim_kind = 'target'
            and position(figures.figure_text in promises.promise) > 0
    where not promises.is_reviewed
),

targeted as (
    select
        promises.promise_id,
        promises.department_id,
        promises.section_year,
        promises.reviewed_until,
        promises.outcome_figure_id,
        figures.figure_id,
        figures.metric,
        figures.unit,
        figures.value,
        coalesce(figures.subject_id, figures.subject) as thing
    from promises
    left join printed_targets
        on
            promises.promise_id = printed_targets.promise_id
            and printed_targets.targets_count = 1
    left join figures on coalesce(promises.target_figure_id, printed_targets.figure_id) = figures.figure_id
),

later_outcomes as (
    select
        targeted.promise_id,
        figures.figure_id,
        row_number() over (
            partition by targeted.promise_id
            order by figures.section_year desc, figures.direction desc, figures.line asc, figures.figure_id asc
        ) as outcome_number
    from targeted
    inner join figures
        on
            targeted.department_id = figures.department_id
            and targeted.metric = figures.metric
            and targeted.unit = figures.unit
            and targeted.thing = coalesce(figures.subject_id, figures.subject)
    where
        figures.claim_kind = 'outcome'
        and figures.section_kind = 'progress'
        and figures.direction <> 'from'
        and figures.section_year >= targeted.section_year
        and (targeted.reviewed_until is null or figures.section_year > targeted.reviewed_until)
)

select
    targeted.promise_id,
    targeted.figure_id as target_figure_id,
    targeted.metric,
    coalesce(targeted.unit, outcomes.unit) as unit,
    targeted.value as promised_value,
    outcomes.figure_id as outcome_figure_id,
    outcomes.value as reported_value,
    outcomes.section_year as outcome_year,
    outcomes.document as outcome_document,
    outcomes.line as outcome_line,
    later_outcomes.figure_id is not null as is_by_rule,
    -- Of what is to fall nothing is said: less may be the target.
    case
        when
            targeted.unit = outcomes.unit
            and targeted.unit in ('ratio', 'count')
            and targeted.metric not in ('avoidable_contact', 'paper_share', 'phone_share')
            then outcomes.value >= targeted.value
    end as is_reached
from targeted
left join later_outcomes
    on
        targeted.promise_id = later_outcomes.promise_id
        and later_outcomes.outcome_number = 1
left join figures as outcomes
    on coalesce(later_outcomes.figure_id, targeted.outcome_figure_id) = outcomes.figure_id
where targeted.figure_id is not null or outcomes.figure_id is not null
