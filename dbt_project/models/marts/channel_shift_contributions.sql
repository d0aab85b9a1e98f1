{#- What each service adds to the terms of channel_shift_decomposition. They add up to it.

    One row per row of the decomposition that is split and service that is measured in either
    period.
-#}
with

bodies as (
    select *
    from {{ known('int_body_changes') }} as changes
    where total_before > 0 and total_after > 0 and {{ is_split('changes') }}
),

levels as (
    {{ body_levels_sql() | indent(4) }}
),

scopes as (
    {{ scopes_sql() | indent(4) }}
),

services as (
    select
        levels.level,
        {{ body_department('levels.level', 'changes.department_id') }} as body_department_id,
        coalesce({{ body_organisation('levels.level', 'changes.organisation_id') }}, '') as body_organisation_id,
        scopes.scope,
        changes.*
    from {{ known('int_service_changes') }} as changes
    cross join levels
    cross join scopes
    where
        {{ is_in_scope('scopes.scope', 'changes.digital_offer') }}
        and {{ is_body('levels.level', 'changes.department_id', 'changes.organisation_id') }}
)

select
    bodies.level,
    bodies.department_id,
    bodies.organisation_id,
    bodies.scope,
    bodies.period_kind,
    bodies.period_start,
    bodies.period_end,
    bodies.comparison,
    bodies.from_period_start,
    bodies.definition_id,
    services.service_id,
    cast({{ within_pp('services', 'bodies') }} as double) as within_service_pp,
    cast({{ mix_pp('services', 'bodies') }} as double) as mix_pp,
    cast({{ entry_exit_pp('services', 'bodies') }} as double) as entry_exit_pp,
    cast({{ coverage_pp('services', 'bodies') }} as double) as coverage_pp,
    {{ is_simulated() }} as is_simulated
from bodies
inner join services
    on
        bodies.level = services.level
        and bodies.department_id = services.body_department_id
        and coalesce(bodies.organisation_id, '') = services.body_organisation_id
        and bodies.scope = services.scope
        and bodies.definition_id = services.definition_id
        and bodies.period_kind = services.period_kind
        and bodies.period_start = services.period_start
        and bodies.comparison = services.comparison
order by bodies.level, bodies.department_id, bodies.organisation_id, bodies.period_kind, bodies.period_end
