{#- The rows of the semantic layer: one per flow service and quarter with a total, under the one
    definition that take_up_headline quotes for it, so that any sum of rows counts a transaction once.

    No row holds a ratio, so none can be averaged: take-up is `digital_count` over `measured_count`,
    each added up first. Transactions of another kind than completed are left out, as bodies leave
    them out: they are never added to these.
-#}
{%- set financial_year = "(year(flows.period_start) - case when month(flows.period_start) < 4 then 1 else 0 end)" -%}
with

flows as (
    select
        headline.service_id,
        headline.period_start,
        headline.period_end,
        headline.definition_id,
        headline.total_count,
        units.digital_offer,
        units.digital_count,
        units.total_count as measured_count
    from {{ ref('take_up_headline') }} as headline
    inner join {{ ref('int_service_units') }} as units
        on
            headline.service_id = units.service_id
            and headline.definition_id = units.definition_id
            and headline.period_start = units.period_start
            and headline.period_kind = units.level
    where
        headline.period_kind = 'quarter'
        and headline.measure = 'completed'
        and headline.total_count is not null
),

departments as (
    select * from {{ ref('int_service_departments') }}
)

select
    flows.service_id,
    services.service_name,
    current_ones.department_id,
    services.department_name,
    current_ones.organisation_id,
    services.organisation_name,
    those_then.department_id as department_at_period_id,
    flows.period_start,
    flows.period_end,
    concat(
        cast({{ financial_year }} as {{ dbt.type_string() }}),
        '-',
        lpad(cast(({{ financial_year }} + 1) % 100 as {{ dbt.type_string() }}), 2, '0')
    ) as financial_year,
    flows.definition_id,
    flows.digital_offer,
    cast(flows.digital_count as bigint) as digital_count,
    cast(flows.measured_count as bigint) as measured_count,
    cast(flows.measured_count - flows.digital_count as bigint) as offline_count,
    cast(flows.total_count as bigint) as total_count,
    {{ is_simulated() }} as is_simulated
from flows
left join {{ ref('mart_services') }} as services
    on flows.service_id = services.service_id
left join departments as current_ones
    on
        flows.service_id = current_ones.service_id
        and current_ones.structure = 'current'
left join departments as those_then
    on
        flows.service_id = those_then.service_id
        and those_then.structure = 'as_at_period'
        and flows.period_end >= those_then.holds_from
        and flows.period_end < those_then.holds_before
order by flows.service_id, flows.period_start
