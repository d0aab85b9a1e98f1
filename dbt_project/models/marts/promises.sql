{#- What reports promise and what they say became of it, as known at a moment: one row per promise.

    What people judged goes before the rules; but of what they found open, or not kept as yet, later
    years may say more.
-#}
{%- set lasting = "('no_test', 'not_applicable', 'kept', 'kept_late', 'kept_undated', 'replaced')" -%}
{%- set decisive = "('kept', 'kept_late', 'kept_undated', 'replaced', 'partly', 'not_kept')" -%}
{%- set text = dbt.type_string() -%}
with

promises as (
    select
        *,
        case
            when not is_reviewed or reported is null then 'rule'
            when reported in {{ lasting }} then 'reviewed'
            when rule_reported in {{ decisive }} then 'rule'
            when reported = 'open' and rule_reported <> 'open' then 'rule'
            else 'reviewed'
        end as basis
    from {{ known('int_promise_reports') }}
),

targets as (
    select * from {{ known('target_attainment') }}
),

registered_targets as (
    select
        promises.promise_id,
        min(targets.target_id) as target_id
    from promises
    inner join targets
        on
            promises.target_id = targets.target_id
            or (
                promises.service_id = targets.service_id
                and promises.metric = targets.metric
                and promises.promised_value = targets.target_ratio
            )
    group by promises.promise_id
)

select
    promises.promise_id,
    promises.report,
    promises.document,
    promises.section,
    promises.section_kind,
    promises.section_year,
    promises.line,
    promises.citations,
    promises.action,
    promises.department_id,
    promises.body,
    promises.promise,
    promises.due_on,
    promises.due_text,
    promises.place,
    promises.partners,
    services.service_id,
    coalesce(promises.service_id, {{ place_id('places.place_id', 'promises.place') }}) as subject_id,
    targets.target_id,
    targets.verdict as target_verdict,
    targets.latest_says,
    promises.promised_figure_id,
    promises.promised_value,
    promises.reported_figure_id,
    promises.reported_value,
    promises.unit,
    case
        when promises.basis = 'reviewed' or promises.reported = 'not_applicable' then promises.reported
        when promises.is_checkable is null then 'unclear'
        when not promises.is_checkable then 'no_test'
        else promises.rule_reported
    end as reported,
    case when promises.basis = 'reviewed' then promises.reported_by else promises.rule_reported_by end as evidence,
    case
        when promises.basis = 'rule' and promises.is_checkable and promises.rule_reported = 'not_kept'
            then promises.planned_again_in
    end as planned_again_in,
    case when promises.basis = 'rule' and promises.is_checkable then promises.kept_not_before end as kept_not_before,
    case when promises.basis = 'rule' and promises.is_checkable then promises.kept_by end as kept_by,
    coalesce(promises.rule_progress, promises.progress) as progress,
    promises.basis,
    case when promises.basis = 'reviewed' then promises.reason end as reason,
    promises.is_reviewed,
    promises.is_from_digest,
    promises.known_from as known_at,
    {{ is_simulated() }} as is_simulated
from promises
left join {{ known('int_service_ids') }} as services on promises.service_id = services.service_id
left join {{ stored('int_places') }} as places on promises.place = places.place
left join registered_targets on promises.promise_id = registered_targets.promise_id
left join targets on registered_targets.target_id = targets.target_id
order by promises.action, promises.report, promises.line, promises.promise_id
