{#- The change of a body's take-up between two periods, split exactly, by docs/measures.md,
    "Decomposition": within services, mix, services that enter or leave, and coverage.

    One row per body, scope, period, definition and comparison where both periods have transactions
    of a measured service. Flows only.
-#}
with

bodies as (
    select
        *,
        {{ is_split('changes') }} as is_split
    from {{ known('int_body_changes') }} as changes
    where total_before > 0 and total_after > 0
)

select
    level,
    department_id,
    organisation_id,
    scope,
    period_kind,
    period_start,
    period_end,
    comparison,
    from_period_start,
    definition_id,
    cast(
        100.0 * (digital_after / cast(total_after as double) - digital_before / cast(total_before as double)) as double
    ) as total_shift_pp,
    -- Where no service is measured in both periods nothing says how to split the change.
    cast(case when is_split then {{ within_pp('bodies', 'bodies') }} end as double) as within_service_pp,
    cast(case when is_split then {{ mix_pp('bodies', 'bodies') }} end as double) as mix_pp,
    cast(case when is_split then {{ entry_exit_pp('bodies', 'bodies') }} end as double) as entry_exit_pp,
    cast(case when is_split then {{ coverage_pp('bodies', 'bodies') }} end as double) as coverage_pp,
    cast(case when is_split then services_compared else 0 end as bigint) as services_compared,
    cast(services_without_offline_route as bigint) as services_without_offline_route,
    {{ is_simulated() }} as is_simulated
from bodies
order by level, department_id, organisation_id, scope, period_kind, period_end
