{#- The figure that a promise states and the outcome that answers it, as known at a moment: one row per
    promise that has either. By the register of reviews where it names them; else the one target that
    its sentence prints, where that makes no other promise, and an outcome of the same metric, unit,
    thing and scope that its department reports for its year or after: the first that reaches it, else
    the latest. An outcome that is worded loosely (`around`, `over`) decides where no value that it
    allows would say otherwise. An outcome in another metric or unit than the promise is named without
    its value: the two can't be compared.
-#}
{%- set meant_to_fall = "'(?i)\\b(below|under|fewer|less|down|reduc\\w*|lower\\w*|cut|fall|at most|no more)\\b'" -%}
{%- set slack -%}
    case
        when figures.unit = 'ratio' then {{ var('claims')['around_ratio'] }}
        else abs(figures.value) * {{ var('claims')['around_share'] }}
    end
{%- endset %}
with

-- What the register says of any identity of a claim, it says of the one that the claim is shown under.
identities as (
    select * from {{ known('int_claim_identities') }}
),

promises as (
    select
        made.promise_id,
        made.promise,
        made.department_id,
        made.section_kind,
        made.section_year,
        made.due_on,
        made.is_reviewed,
        made.reviewed_until,
        targets.claim_id as target_figure_id,
        outcomes.claim_id as outcome_figure_id,
        count(*) over (partition by made.event_source, made.event_id, made.sentence, made.is_reviewed)
            as sentence_promises
    from {{ known('int_promises_made') }} as made
    left join identities as targets on made.target_figure_id = targets.figure_id
    left join identities as outcomes on made.outcome_figure_id = outcomes.figure_id
    where made.is_first and (made.is_reviewed or made.is_checkable)
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
    where not promises.is_reviewed and promises.sentence_promises = 1
),

targeted as (
    select
        promises.promise_id,
        promises.department_id,
        promises.section_year,
        promises.due_on,
        promises.reviewed_until,
        promises.outcome_figure_id,
        figures.figure_id,
        figures.metric,
        figures.unit,
        figures.value,
        figures.scope,
        coalesce(figures.subject_id, figures.subject) as thing,
        -- Of what is to fall nothing is said: less may be the target.
        figures.metric not in ('avoidable_contact', 'paper_share', 'phone_share')
        and figures.qualifier not in ('up_to', 'under')
        and not regexp_matches(promises.promise, {{ meant_to_fall }}) as is_to_rise
    from promises
    left join printed_targets
        on
            promises.promise_id = printed_targets.promise_id
            and printed_targets.targets_count = 1
    left join figures on coalesce(promises.target_figure_id, printed_targets.figure_id) = figures.figure_id
),

outcomes_said as (
    select
        targeted.promise_id,
        targeted.due_on,
        figures.figure_id,
        figures.section_year,
        figures.direction,
        figures.line,
        coalesce(figures.period_end, make_date(cast(figures.section_year as integer), 12, 31)) as said_until,
        case
            when not targeted.is_to_rise or figures.unit not in ('ratio', 'count') then null
            when figures.qualifier in ('exact', 'over', 'above', 'at_least', 'from') and figures.value >= targeted.value
                then true
            when figures.qualifier in ('exact', 'up_to', 'under') and figures.value < targeted.value
                then false
            when figures.qualifier = 'around' and figures.value - {{ slack }} >= targeted.value
                then true
            when figures.qualifier = 'around' and figures.value + {{ slack }} < targeted.value
                then false
        end as is_reached
    from targeted
    inner join figures
        on
            targeted.department_id = figures.department_id
            and targeted.metric = figures.metric
            and targeted.unit = figures.unit
            and targeted.thing = coalesce(figures.subject_id, figures.subject)
            and targeted.scope is not distinct from figures.scope
    where
        figures.claim_kind = 'outcome'
        and figures.section_kind = 'progress'
        and figures.direction <> 'from'
        and figures.section_year >= targeted.section_year
        and (targeted.reviewed_until is null or figures.section_year > targeted.reviewed_until)
),

later_outcomes as (
    select
        promise_id,
        figure_id,
        is_reached,
        max(case when not is_reached and said_until >= due_on then 1 else 0 end) over (partition by promise_id) = 1
            as is_missed,
        row_number() over (
            partition by promise_id
            order by
                case when is_reached then section_year end asc nulls last, section_year desc, direction desc,
                line asc, figure_id asc
        ) as outcome_number
    from outcomes_said
)

select
    targeted.promise_id,
    targeted.figure_id as target_figure_id,
    targeted.metric,
    coalesce(targeted.unit, outcomes.unit) as unit,
    targeted.value as promised_value,
    outcomes.figure_id as outcome_figure_id,
    case
        when targeted.figure_id is null or (targeted.metric = outcomes.metric and targeted.unit = outcomes.unit)
            then outcomes.value
    end as reported_value,
    outcomes.section_year as outcome_year,
    outcomes.document as outcome_document,
    outcomes.line as outcome_line,
    outcomes.period_start as outcome_since,
    outcomes.period_end as outcome_until,
    later_outcomes.figure_id is not null as is_by_rule,
    later_outcomes.is_reached,
    later_outcomes.is_missed
from targeted
left join later_outcomes
    on
        targeted.promise_id = later_outcomes.promise_id
        and later_outcomes.outcome_number = 1
left join figures as outcomes
    on coalesce(later_outcomes.figure_id, targeted.outcome_figure_id) = outcomes.figure_id
where targeted.figure_id is not null or outcomes.figure_id is not null
