{#- A service's month or quarter beside an earlier one: what it adds to the terms of the decomposition
    (docs/measures.md).

    One row per service, definition, level (month, quarter), unit and distance in units, where it
    is measured in either. A side in which it is not measured counts 0. With t a unit's total, d
    its digital count and r = d / t: within_before = t0 (r1 - r0) / 2 and within_after = t1 (r1 - r0)
    / 2. Without transactions on one side r is what it is on the other: nothing says that it moved.
-#}
with

units as (
    select * from {{ known('int_service_units') }}
),

distances as (
    select distinct
        level,
        distance
    from (
        {{ comparisons_sql() | indent(8) }}
    ) as comparisons
),

sides as (
    select
        units.service_id,
        units.definition_id,
        units.level,
        units.unit_index,
        distances.distance,
        units.digital_offer,
        units.first_total_unit,
        units.asked_before,
        units.range_first,
        units.range_last,
        cast(null as bigint) as digital_before,
        cast(null as bigint) as total_before,
        units.digital_count as digital_after,
        units.total_count as total_after
    from units
    inner join distances
        on units.level = distances.level
    where units.is_measured = 1 and units.unit_index - distances.distance >= units.range_first
    union all
    select
        units.service_id,
        units.definition_id,
        units.level,
        units.unit_index + distances.distance as unit_index,
        distances.distance,
        units.digital_offer,
        units.first_total_unit,
        units.asked_before,
        units.range_first,
        units.range_last,
        units.digital_count as digital_before,
        units.total_count as total_before,
        cast(null as bigint) as digital_after,
        cast(null as bigint) as total_after
    from units
    inner join distances
        on units.level = distances.level
    where units.is_measured = 1 and units.unit_index + distances.distance <= units.range_last
),

paired as (
    select
        service_id,
        definition_id,
        level,
        unit_index,
        distance,
        digital_offer,
        first_total_unit,
        asked_before,
        range_first,
        range_last,
        max(digital_before) as digital_before,
        max(total_before) as total_before,
        max(digital_after) as digital_after,
        max(total_after) as total_after
    from sides
    group by
        service_id,
        definition_id,
        level,
        unit_index,
        distance,
        digital_offer,
        first_total_unit,
        asked_before,
        range_first,
        range_last
),

judged as (
    select
        *,
        case when total_before is not null and total_after is not null then 1 else 0 end as is_compared,
        -- What was not there yet in the earlier unit entered, what was no longer there in the later left.
        case
            when total_before is not null and total_after is not null then 0
            when
                first_total_unit > unit_index - distance
                or asked_before <= case level
                    when 'month' then {{ month_start('unit_index') }}
                    else {{ quarter_start('unit_index') }}
                end
                then 1
            else 0
        end as is_entry_or_exit
    from paired
)

select
    service_id,
    definition_id,
    level,
    unit_index,
    distance,
    range_first,
    range_last,
    digital_offer,
    is_compared,
    is_entry_or_exit,
    coalesce(digital_before, 0) as digital_before,
    coalesce(total_before, 0) as total_before,
    coalesce(digital_after, 0) as digital_after,
    coalesce(total_after, 0) as total_after,
    case
        when is_compared = 1 and total_before > 0 and total_after > 0
            then (total_before * (digital_after / cast(total_after as double)) - digital_before) / 2.0
        else 0.0
    end as within_before,
    case
        when is_compared = 1 and total_before > 0 and total_after > 0
            then (digital_after - total_after * (digital_before / cast(total_before as double))) / 2.0
        else 0.0
    end as within_after
from judged
