{#- The counts of a service in every period of a body: months and quarters as they are, years as the
    sums of its measured quarters.

    One row per service, definition, period kind and period in which it is active in some unit.
    `service_status` says what it is in the whole period: measured in each of its units, `in_part`
    in some of them, else what it is in the last.
-#}
with

units as (
    select * from {{ known('int_service_units') }}
),

offsets as (
    select {{ explode_integers(0, 3) }} as quarters_on
),

years as (
    select
        units.service_id,
        units.definition_id,
        units.unit_index + offsets.quarters_on as last_unit,
        max(units.digital_offer) as digital_offer,
        count(*) as units_active,
        sum(units.is_measured) as units_measured,
        max_by(units.unit_status, units.unit_index) as last_status,
        sum(units.digital_count) as digital_count,
        sum(units.total_count) as total_count,
        sum(units.unmeasured_count) as unmeasured_count
    from units
    cross join offsets
    where
        units.level = 'quarter'
        and units.unit_index + offsets.quarters_on between units.range_first + 3 and units.range_last
    group by units.service_id, units.definition_id, units.unit_index + offsets.quarters_on
),

year_kinds as (
    {{ year_kinds_sql() | indent(4) }}
)

select
    service_id,
    definition_id,
    level as period_kind,
    period_start,
    period_end,
    digital_offer,
    unit_status as service_status,
    digital_count,
    total_count,
    unmeasured_count
from units
union all
select
    years.service_id,
    years.definition_id,
    year_kinds.period_kind,
    {{ quarter_start('years.last_unit - 3') }} as period_start,
    {{ quarter_end('years.last_unit') }} as period_end,
    years.digital_offer,
    case
        when years.units_measured = years.units_active then 'measured'
        when years.units_measured > 0 then 'in_part'
        else years.last_status
    end as service_status,
    years.digital_count,
    years.total_count,
    years.unmeasured_count
from years
inner join year_kinds
    on {{ is_year_of_kind('year_kinds.period_kind', 'years.last_unit') }}
