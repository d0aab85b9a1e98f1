{#- The change of a body's take-up between two periods, split exactly, by docs/measures.md,
    "decomposition": within services, mix, services that enter or leave, and coverage.

    One row per body, period, definition and comparison where both periods have a measured
    service. Bodies are those of today's structure in both periods, so that a service that
    changed hands neither enters nor leaves. Flows only. With s a service's share of the total
    of those measured in both periods and r its take-up:
        within = 100 x sum of (s0 + s1) / 2 x (r1 - r0)
        mix    = 100 x sum of (r0 + r1) / 2 x (s1 - s0)
    and a service that is measured in one period only weighs 100 x w x (r - R) in that period,
    w being its share of the whole and R the take-up of those measured in both.
-#}
with

paired as (
    select * from {{ known('int_take_up_pairs') }}
),

levels as (
    select 'government' as level
    union all
    select 'department' as level
    union all
    select 'organisation' as level
),

bodies as (
    select
        levels.level,
        case when levels.level = 'government' then 'all' else paired.department_id end as department_id,
        case when levels.level = 'organisation' then paired.organisation_id end as organisation_id,
        paired.service_id,
        paired.definition_id,
        paired.period_kind,
        paired.period_start,
        paired.period_end,
        paired.from_month,
        paired.comparison,
        cast(paired.digital_before as double) as digital_before,
        cast(paired.total_before as double) as total_before,
        cast(paired.digital_after as double) as digital_after,
        cast(paired.total_after as double) as total_after,
        paired.listed_in_both,
        paired.measured_in_both,
        sum(paired.digital_before) over body as whole_digital_before,
        sum(paired.total_before) over body as whole_total_before,
        sum(paired.digital_after) over body as whole_digital_after,
        sum(paired.total_after) over body as whole_total_after,
        sum(paired.digital_before * paired.measured_in_both) over body as common_digital_before,
        sum(paired.total_before * paired.measured_in_both) over body as common_total_before,
        sum(paired.digital_after * paired.measured_in_both) over body as common_digital_after,
        sum(paired.total_after * paired.measured_in_both) over body as common_total_after,
        sum(paired.measured_in_both) over body as services_compared
    from paired
    cross join levels
    where levels.level <> 'organisation' or paired.organisation_id is not null
    window body as (
        partition by
            levels.level,
            case when levels.level = 'government' then 'all' else paired.department_id end,
            case when levels.level = 'organisation' then paired.organisation_id end,
            paired.definition_id,
            paired.period_kind,
            paired.period_start,
            paired.period_end,
            paired.comparison
    )
),

weighed as (
    select
        bodies.*,
        case
            when measured_in_both = 1
                then
                    (total_before / common_total_before + total_after / common_total_after) / 2.0
                    * (digital_after / total_after - digital_before / total_before)
        end as within_part,
        case
            when measured_in_both = 1
                then
                    (digital_before / total_before + digital_after / total_after) / 2.0
                    * (total_after / common_total_after - total_before / common_total_before)
        end as mix_part,
        -- What a service outside of those compared adds in the later period, or took from the
        -- earlier one.
        case
            when services_compared = 0 or measured_in_both = 1 then 0.0
            when total_after is not null
                then
                    total_after / whole_total_after
                    * (digital_after / total_after - common_digital_after / common_total_after)
            when total_before is not null
                then
                    -total_before / whole_total_before
                    * (digital_before / total_before - common_digital_before / common_total_before)
            else 0.0
        end as outside_part
    from bodies
    where whole_total_before > 0 and whole_total_after > 0
),

facts as (
    select
        service_id,
        has_offline_route
    from {{ stored('mart_services') }}
),

summed as (
    select
        weighed.level,
        weighed.department_id,
        weighed.organisation_id,
        weighed.definition_id,
        weighed.period_kind,
        weighed.period_start,
        weighed.period_end,
        weighed.from_month,
        weighed.comparison,
        max(weighed.whole_digital_before) as digital_before,
        max(weighed.whole_total_before) as total_before,
        max(weighed.whole_digital_after) as digital_after,
        max(weighed.whole_total_after) as total_after,
        max(weighed.services_compared) as services_compared,
        sum(
            case when weighed.measured_in_both = 1 and not coalesce(facts.has_offline_route, true) then 1 else 0 end
        ) as services_without_offline_route,
        {{ ordered_sum('weighed.within_part') }} as within_part,
        {{ ordered_sum('weighed.mix_part') }} as mix_part,
        {{ ordered_sum('case when weighed.listed_in_both = 0 then weighed.outside_part else 0.0 end') }}
            as entry_exit_part,
        {{ ordered_sum('case when weighed.listed_in_both = 1 then weighed.outside_part else 0.0 end') }}
            as coverage_part
    from weighed
    left join facts
        on weighed.service_id = facts.service_id
    group by
        weighed.level,
        weighed.department_id,
        weighed.organisation_id,
        weighed.definition_id,
        weighed.period_kind,
        weighed.period_start,
        weighed.period_end,
        weighed.from_month,
        weighed.comparison
)

select
    level,
    department_id,
    organisation_id,
    period_kind,
    period_start,
    period_end,
    comparison,
    {{ month_start('from_month') }} as from_period_start,
    definition_id,
    100.0 * (
        digital_after / cast(total_after as double)
        - digital_before / cast(total_before as double)
    ) as total_shift_pp,
    case when services_compared > 0 then 100.0 * within_part end as within_service_pp,
    case when services_compared > 0 then 100.0 * mix_part end as mix_pp,
    -- Where no service is measured in both periods nothing says how to split the change.
    case when services_compared > 0 then 100.0 * entry_exit_part end as entry_exit_pp,
    case when services_compared > 0 then 100.0 * coverage_part end as coverage_pp,
    cast(services_compared as bigint) as services_compared,
    cast(services_without_offline_route as bigint) as services_without_offline_route,
    {{ is_simulated() }} as is_simulated
from summed
order by level, department_id, organisation_id, period_kind, period_end
