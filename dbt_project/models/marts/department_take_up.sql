{#- Digital take-up of bodies (government, departments, organisations), sum over sum of what was
    measured, with how much that is, by docs/measures.md, "Departments and government".

    One row per body, structure, period, definition and scope with an active service.
-#}
{%- set statuses = ['measured', 'in_part', 'without_digital', 'not_returned', 'lapsed', 'never_returned'] -%}
{%- set in_scope = is_in_scope('scopes.scope', 'organisations.digital_offer') -%}
with

placed as (
    select
        periods.*,
        departments.structure,
        departments.department_id,
        departments.organisation_id,
        departments.is_closed
    from {{ known('int_service_periods') }} as periods
    inner join {{ known('int_service_departments') }} as departments
        on
            periods.service_id = departments.service_id
            and periods.period_end >= departments.holds_from
            and periods.period_end < departments.holds_before
),

organisations as (
    select
        structure,
        department_id,
        organisation_id,
        definition_id,
        period_kind,
        period_start,
        period_end,
        digital_offer,
        max(is_closed) as is_closed,
        count(*) as services_active,
        {%- for status in statuses %}
            sum(case when service_status = '{{ status }}' then 1 else 0 end) as services_{{ status }},
        {%- endfor %}
        sum(digital_count) as digital_count,
        sum(total_count) as total_count,
        sum(unmeasured_count) as unmeasured_count,
        -- The count before the name, so that the greatest text is that of the largest service.
        max(
            case
                when total_count is not null
                    then concat(lpad(cast(total_count as {{ dbt.type_string() }}), 18, '0'), service_id)
            end
        ) as largest
    from placed
    group by
        structure,
        department_id,
        organisation_id,
        definition_id,
        period_kind,
        period_start,
        period_end,
        digital_offer
),

levels as (
    {{ body_levels_sql() | indent(4) }}
),

scopes as (
    {{ scopes_sql() | indent(4) }}
),

summed as (
    select
        levels.level,
        {{ body_department('levels.level', 'organisations.department_id') }} as department_id,
        {{ body_organisation('levels.level', 'organisations.organisation_id') }} as organisation_id,
        organisations.structure,
        organisations.period_kind,
        organisations.period_start,
        organisations.period_end,
        organisations.definition_id,
        scopes.scope,
        max(organisations.is_closed and levels.level <> 'government') as is_closed,
        {%- for count in ['digital_count', 'total_count', 'services_active'] %}
            sum(case when {{ in_scope }} then organisations.{{ count }} end) as {{ count }},
        {%- endfor %}
        coalesce(sum(case when {{ in_scope }} then organisations.unmeasured_count end), 0) as unmeasured_count,
        {%- for status in statuses %}
            sum(case when {{ in_scope }} then organisations.services_{{ status }} end) as services_{{ status }},
        {%- endfor %}
        {%- for offer in ['never_digital', 'digital_only'] %}
            sum(case when organisations.digital_offer = '{{ offer }}' then organisations.services_active else 0 end)
                as services_{{ offer }},
            coalesce(sum(case when organisations.digital_offer = '{{ offer }}' then organisations.total_count end), 0)
                as {{ offer }}_count,
        {%- endfor %}
        max(case when {{ in_scope }} then organisations.largest end) as largest
    from organisations
    cross join levels
    cross join scopes
    where {{ is_body('levels.level', 'organisations.department_id', 'organisations.organisation_id') }}
    group by
        levels.level,
        {{ body_department('levels.level', 'organisations.department_id') }},
        {{ body_organisation('levels.level', 'organisations.organisation_id') }},
        organisations.structure,
        organisations.period_kind,
        organisations.period_start,
        organisations.period_end,
        organisations.definition_id,
        scopes.scope
),

covered as (
    select
        *,
        coalesce(total_count, 0) + unmeasured_count as known_volume,
        case
            when coalesce(total_count, 0) + unmeasured_count > 0
                then coalesce(total_count, 0) / cast(coalesce(total_count, 0) + unmeasured_count as double)
        end as coverage_ratio
    from summed
    where services_active > 0
),

named as (
    select
        covered.*,
        case when covered.level <> 'government' then registered.department_id is not null end
            as is_department_registered
    from covered
    left join {{ stored('int_departments') }} as registered
        on covered.department_id = registered.department_id
)

select
    level,
    department_id,
    is_department_registered,
    organisation_id,
    structure,
    is_closed,
    period_kind,
    period_start,
    period_end,
    definition_id,
    scope,
    cast(digital_count as bigint) as digital_count,
    cast(total_count as bigint) as total_count,
    cast(case when total_count > 0 then digital_count / cast(total_count as double) end as double) as take_up_ratio,
    -- Of what was not measured nothing was digital, or all.
    cast(case when known_volume > 0 then coalesce(digital_count, 0) / cast(known_volume as double) end as double)
        as take_up_lower,
    cast(
        case
            when known_volume > 0
                then (coalesce(digital_count, 0) + unmeasured_count) / cast(known_volume as double)
        end as double
    ) as take_up_upper,
    {%- for count in ['active', 'measured', 'in_part', 'without_digital', 'not_returned', 'lapsed', 'never_returned'] %}
        cast(services_{{ count }} as bigint) as services_{{ count }},
    {%- endfor %}
    cast(coverage_ratio as double) as coverage_ratio,
    case
        when services_measured = services_active then 'complete'
        when coverage_ratio >= {{ var('coverage')['partial_from'] }} then 'partial'
        else 'too_incomplete'
    end as coverage_status,
    cast(total_count - digital_count as bigint) as offline_count,
    case when total_count > 0 then substr(largest, 19) end as largest_service_id,
    cast(
        case
            when total_count > 0 then cast(substr(largest, 1, 18) as bigint) / cast(total_count as double)
        end as double
    ) as largest_service_share,
    cast(services_never_digital as bigint) as services_never_digital,
    cast(never_digital_count as bigint) as never_digital_count,
    cast(services_digital_only as bigint) as services_digital_only,
    cast(digital_only_count as bigint) as digital_only_count,
    {{ is_simulated() }} as is_simulated
from named
order by level, department_id, organisation_id, structure, scope, period_kind, period_end
