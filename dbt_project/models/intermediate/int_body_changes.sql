{#- The sums of int_service_changes by body (government, department, organisation of today's structure)
    and scope.

    One row per body, scope, definition, period and comparison in which a service is measured in
    either period.
-#}
{%- set period -%}
    {relation}.definition_id,
    {relation}.period_kind,
    {relation}.period_start,
    {relation}.period_end,
    {relation}.comparison,
    {relation}.from_period_start
{%- endset -%}
{%- set in_scope = is_in_scope('scopes.scope', 'organisations.digital_offer') -%}
with

register as (
    select
        service_id,
        has_offline_route
    from {{ stored('int_service_register') }}
),

-- First by organisation, which are far fewer rows.
organisations as (
    select
        changes.department_id,
        changes.organisation_id,
        changes.digital_offer,
        {{ period | replace('{relation}', 'changes') | indent(4) }},
        {%- for term in decomposition_sums() %}
            sum(changes.{{ term }}) as {{ term }},
        {%- endfor %}
        sum(changes.is_compared) as services_compared,
        sum(case when changes.is_compared = 1 and not coalesce(register.has_offline_route, true) then 1 else 0 end)
            as services_without_offline_route
    from {{ known('int_service_changes') }} as changes
    left join register
        on changes.service_id = register.service_id
    group by
        changes.department_id,
        changes.organisation_id,
        changes.digital_offer,
        {{ period | replace('{relation}', 'changes') | indent(4) }}
),

levels as (
    {{ body_levels_sql() | indent(4) }}
),

scopes as (
    {{ scopes_sql() | indent(4) }}
)

select
    levels.level,
    {{ body_department('levels.level', 'organisations.department_id') }} as department_id,
    {{ body_organisation('levels.level', 'organisations.organisation_id') }} as organisation_id,
    scopes.scope,
    {{ period | replace('{relation}', 'organisations') }},
    {%- for term in decomposition_sums() %}
        sum(organisations.{{ term }}) as {{ term }},
    {%- endfor %}
    sum(organisations.services_compared) as services_compared,
    sum(organisations.services_without_offline_route) as services_without_offline_route
from organisations
cross join levels
cross join scopes
where
    {{ in_scope }}
    and {{ is_body('levels.level', 'organisations.department_id', 'organisations.organisation_id') }}
group by
    levels.level,
    {{ body_department('levels.level', 'organisations.department_id') }},
    {{ body_organisation('levels.level', 'organisations.organisation_id') }},
    scopes.scope,
    {{ period | replace('{relation}', 'organisations') }}
