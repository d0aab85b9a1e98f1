{#- Standing of every target, by the rules of docs/measures.md, "targets".

    One row per target. The periods and their sides are `int_target_periods`, what they add up to is
    `int_target_standings`; here are the plan, the verdict and its words.
-#}
{%- set text = dbt.type_string() -%}
with

register as (
    select * from {{ stored('mart_targets') }}
),

standings as (
    select * from {{ known('int_target_standings') }}
),

with_verdict as (
    select
        register.*,
        standings.measured_ratio,
        standings.measured_period_start,
        standings.measured_period_end,
        standings.first_judged,
        standings.judged_period_end,
        standings.judged_is_above,
        standings.is_by_bounds,
        standings.definition_used,
        standings.basis,
        standings.lost_on,
        standings.latest_period_kind,
        standings.latest_period_end,
        standings.latest_ratio,
        definitions.applies_to_basis = 'reported' as is_of_publications,
        case
            when segments.to_ratio = segments.from_ratio then segments.from_ratio
            else
                segments.from_ratio
                + (segments.to_ratio - segments.from_ratio)
                * {{ days_between('segments.from_day', 'standings.measured_period_end') }}
                / cast({{ days_between('segments.from_day', 'segments.to_day') }} as double)
        end as planned_ratio,
        coalesce(standings.last_gap > standings.judged_period_end, false) as is_stale,
        -- The period after the last one known below, or the first that counts, may have been above.
        case
            when standings.is_above_before or standings.first_above is null then null
            else {{ unit_end(
                'register.period_kind',
                unit_before(
                    'register.period_kind', 'coalesce(' ~ day_after('standings.last_below') ~ ', register.set_on)'
                ) ~ ' + ' ~ unit_step('register.period_kind')
            ) }}
        end as attained_not_before,
        case when not standings.is_above_before then standings.first_above end as attained_by,
        -- Quarter ends after the measured period and up to the day on which it is due.
        {{ quarter_index(day_after('register.due_on')) }}
        - {{ quarter_index(day_after('standings.measured_period_end')) }} as quarters_left,
        case
            when standings.judged_period_end is null then 'not_measurable'
            when standings.is_above_before then 'already_above'
            when standings.judged_is_above is null then 'too_close'
            when standings.judged_is_above = 1 then 'attained'
            when standings.first_above is not null then 'lost'
            when register.due_on <= standings.judged_period_end then 'missed'
            else 'pending'
        end as verdict,
        case
            when standings.latest_period_end is null or standings.judged_is_above is null then 'unknown'
            when standings.latest_is_above is null then 'unknown'
            when services.is_seasonal and standings.latest_is_below_year_before is null then 'unknown'
            when standings.judged_is_above = 1 and standings.latest_is_above = 1 then 'holding'
            when standings.judged_is_above = 1 and standings.latest_is_below_year_before then 'slipping'
            when standings.judged_is_above = 1 and services.is_seasonal then 'holding'
            when standings.judged_is_above = 1 then 'dipped'
            when
                standings.latest_is_above = 1
                and not coalesce(services.is_seasonal and standings.latest_is_below_year_before, false)
                then 'recovering'
            else 'still_below'
        end as latest_says
    from register
    left join standings
        on register.target_id = standings.target_id
    left join {{ stored('mart_definitions') }} as definitions
        on register.definition_id = definitions.definition_id
    left join {{ known('int_target_path_segments') }} as segments
        on
            register.target_id = segments.target_id
            and standings.measured_period_end >= segments.from_day
            and standings.measured_period_end < segments.to_day
    left join {{ stored('mart_services') }} as services
        on register.service_id = services.service_id
),

reasoned as (
    select
        *,
        case
            when verdict = 'not_measurable' and metric <> 'digital_take_up'
                then concat('nothing measures ', metric)
            when verdict = 'not_measurable'
                then concat(
                    'no complete ', replace(period_kind, '_', ' '), ' ends on or after ', cast(set_on as {{ text }}),
                    ': none under ', definition_id,
                    case when is_of_publications then ', which only published volumes have' else '' end,
                    ', and none as its headline has it'
                )
            when verdict = 'already_above' and judged_is_above = 0
                then concat('above before it was set; below since ', cast(lost_on as {{ text }}))
            when verdict = 'already_above' then 'above before it was set'
            when verdict = 'too_close' then 'the rounding of its totals lets it fall on either side'
            when verdict = 'lost' then concat('below the target since ', cast(lost_on as {{ text }}))
            when verdict = 'missed' and first_judged > due_on
                then concat(
                    'not measured by ', cast(due_on as {{ text }}),
                    ', when it was due; below whenever it was measured, first to ', cast(first_judged as {{ text }})
                )
            when verdict = 'missed'
                then concat('not attained by ', cast(due_on as {{ text }}), ' nor since')
            when verdict = 'pending' and due_on is null then 'not attained yet, and without a due date'
            when verdict = 'pending' then concat('not attained yet, due ', cast(due_on as {{ text }}))
        end as verdict_reason,
        case
            when attained_not_before < attained_by
                then concat(
                    'first above between ', cast(attained_not_before as {{ text }}), ' and ',
                    cast(attained_by as {{ text }}), ', with no value that decides in between'
                )
        end as gap_reason,
        case
            when is_by_bounds and judged_period_end is not null
                then concat(
                    'by its bounds in the period to ', cast(judged_period_end as {{ text }}),
                    ', which lacks a part'
                )
        end as bounds_reason,
        case when is_stale then concat('not measured since ', cast(judged_period_end as {{ text }})) end
            as stale_reason,
        case
            when definition_used <> definition_id
                then concat(
                    'by ', definition_used, ', its headline: none under ', definition_id,
                    case when is_of_publications then ', which only published volumes have' else '' end
                )
        end as definition_reason
    from with_verdict
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
    definition_used,
    basis,
    source,
    cast(planned_ratio as double) as planned_ratio,
    measured_ratio,
    measured_period_start,
    measured_period_end,
    100.0 * (measured_ratio - target_ratio) as gap_pp,
    100.0 * (measured_ratio - planned_ratio) as planned_gap_pp,
    case
        when judged_is_above = 0 and measured_ratio < target_ratio and quarters_left > 0
            then 100.0 * (target_ratio - measured_ratio) / quarters_left
    end as required_pp_per_quarter,
    case when not is_stale then judged_is_above = 1 end as is_attained,
    attained_not_before,
    attained_by,
    case when attained_not_before = attained_by then attained_by end as attained_on,
    lost_on,
    case
        when attained_not_before = attained_by
            then cast(
                (
                    {{ unit_before('period_kind', day_after('due_on')) }}
                    - {{ unit_before('period_kind', day_after('attained_by')) }}
                ) / {{ unit_step('period_kind') }} as bigint
            )
    end as periods_early,
    latest_period_kind,
    latest_period_end,
    latest_ratio,
    latest_says,
    is_stale,
    verdict,
    nullif(
        concat_ws(
            '; ',
            verdict_reason,
            gap_reason,
            bounds_reason,
            stale_reason,
            definition_reason
        ),
        ''
    ) as reason,
    {{ is_simulated() }} as is_simulated
from reasoned
order by target_id
