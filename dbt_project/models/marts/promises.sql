{#- What reports promise and what they say became of it, as known at a moment: one row per promise.

    What people judged goes before the rules; but of what they found open, or not kept as yet, later
    years may say more.
-#}
{%- set lasting = "('no_test', 'not_applicable', 'kept', 'kept_late', 'kept_undated', 'replaced')" -%}
{%- set decisive = "('kept', 'kept_late', 'kept_undated', 'replaced', 'partly', 'not_kept')" -%}
{%- set text = dbt.type_string() -%}
with

made as (
    select * from {{ known('int_promises_made') }}
),

promises as (
    select * from made
    where is_first
),

citations as (
    select
        promise_id,
        {{ joined_texts('citation', '; ') }} as citations
    from made
    group by promise_id
),

figures as (
    select * from {{ known('int_promise_figures') }}
),

reports as (
    select * from {{ known('int_promise_reports') }}
),

targets as (
    select * from {{ known('target_attainment') }}
),

registered_targets as (
    select
        promises.promise_id,
        min(targets.target_id) as target_id
    from promises
    left join figures on promises.promise_id = figures.promise_id
    inner join targets
        on
            promises.target_id = targets.target_id
            or (
                promises.service_id = targets.service_id
                and figures.metric = targets.metric
                and figures.promised_value = targets.target_ratio
            )
    group by promises.promise_id
),

joined as (
    select
        promises.*,
        citations.citations,
        registered_targets.target_id as registered_target_id,
        targets.verdict as target_verdict,
        targets.latest_says,
        figures.target_figure_id as promised_figure_id,
        figures.promised_value,
        figures.unit,
        figures.outcome_figure_id as reported_figure_id,
        figures.reported_value,
        reports.reported as rule_reported,
        reports.reported_by as rule_reported_by,
        reports.progress as rule_progress,
        case
            when promises.reported in {{ lasting }} then 'reviewed'
            when reports.reported in {{ decisive }} then 'rule'
            when promises.is_reviewed and promises.reported <> 'open' then 'reviewed'
            when promises.is_reviewed and coalesce(reports.reported, 'open') = 'open' then 'reviewed'
            else 'rule'
        end as basis
    from promises
    inner join citations on promises.promise_id = citations.promise_id
    left join figures on promises.promise_id = figures.promise_id
    left join reports on promises.promise_id = reports.promise_id
    left join registered_targets on promises.promise_id = registered_targets.promise_id
    left join targets on registered_targets.target_id = targets.target_id
)

select
    promise_id,
    report,
    document,
    section,
    section_kind,
    section_year,
    line,
    citations,
    action,
    department_id,
    body,
    promise,
    due_on,
    due_text,
    place,
    partners,
    service_id,
    registered_target_id as target_id,
    target_verdict,
    latest_says,
    promised_figure_id,
    promised_value,
    reported_figure_id,
    reported_value,
    unit,
    case
        when basis = 'reviewed' and is_reviewed then reported
        when reported = 'not_applicable' then reported
        when is_reviewed then rule_reported
        when is_checkable is null then 'unclear'
        when not is_checkable then 'no_test'
        else rule_reported
    end as reported,
    case when basis = 'reviewed' and is_reviewed then reported_by else rule_reported_by end as reported_by,
    coalesce(rule_progress, progress) as progress,
    case when is_reviewed then basis else 'rule' end as basis,
    case when basis = 'reviewed' then reason end as reason,
    is_from_digest,
    known_from as known_at,
    {{ is_simulated() }} as is_simulated
from joined
order by action, report, line, promise_id
