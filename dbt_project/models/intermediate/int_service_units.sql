{#- What every active service is in each month and quarter, by docs/measures.md, "Departments and
    government": measured, without_digital, not_returned, lapsed or never_returned, and the volume
    that an unmeasured one is taken to have.

    One row per service, definition, level (month, quarter) and unit (a consecutive integer), flows
    only. What is active, the five statuses and the assumed volume are worked out here and nowhere
    else.
-#}
{%- set series = "partition by service_id, definition_id, level order by unit_index" -%}
with

counted as (
    select * from {{ known('int_counted_units') }}
),

spans as (
    select * from {{ known('int_service_spans') }}
),

calendar as (
    select
        *,
        {{ explode_integers('range_first', 'range_last') }} as unit_index
    from spans
),

dated as (
    select
        calendar.*,
        case calendar.level
            when 'month' then {{ month_start('calendar.unit_index') }}
            else {{ quarter_start('calendar.unit_index') }}
        end as period_start,
        case calendar.level when 'month' then 12 else 4 end as units_of_a_year,
        counted.digital_count,
        counted.total_count,
        coalesce(counted.is_measured, 0) as is_measured,
        coalesce(counted.is_headline, 0) as is_headline
    from calendar
    left join counted
        on
            calendar.service_id = counted.service_id
            and calendar.definition_id = counted.definition_id
            and calendar.level = counted.level
            and calendar.unit_index = counted.unit_index
),

-- The known totals on either side of a unit.
with_neighbours as (
    select
        *,
        max(case when total_count is not null then unit_index end) over (
            {{ series }}
            rows between unbounded preceding and 1 preceding
        ) as before_unit,
        min(case when total_count is not null then unit_index end) over (
            {{ series }}
            rows between 1 following and unbounded following
        ) as after_unit
    from dated
),

-- What has a total is there, whatever the register or the publications say of it.
active as (
    select
        with_neighbours.*,
        earlier.total_count as before_total,
        later.total_count as after_total,
        case
            when with_neighbours.is_measured = 1 then 'measured'
            when with_neighbours.total_count is not null then 'without_digital'
            when with_neighbours.first_total_unit is null then 'never_returned'
            when with_neighbours.unit_index - with_neighbours.before_unit <= with_neighbours.units_of_a_year
                then 'not_returned'
            else 'lapsed'
        end as unit_status
    from with_neighbours
    left join counted as earlier
        on
            with_neighbours.service_id = earlier.service_id
            and with_neighbours.definition_id = earlier.definition_id
            and with_neighbours.level = earlier.level
            and with_neighbours.before_unit = earlier.unit_index
    left join counted as later
        on
            with_neighbours.service_id = later.service_id
            and with_neighbours.definition_id = later.definition_id
            and with_neighbours.level = later.level
            and with_neighbours.after_unit = later.unit_index
    where
        with_neighbours.total_count is not null
        or (
            with_neighbours.unit_index >= with_neighbours.first_unit
            and with_neighbours.period_start < with_neighbours.asked_before
        )
)

select
    service_id,
    definition_id,
    level,
    unit_index,
    period_start,
    case level
        when 'month' then last_day(period_start)
        else {{ quarter_end('unit_index') }}
    end as period_end,
    unit_status,
    is_measured,
    is_headline,
    digital_offer,
    case when is_measured = 1 then digital_count end as digital_count,
    case when is_measured = 1 then total_count end as total_count,
    -- Of two totals as near as each other the earlier one.
    case unit_status
        when 'without_digital' then total_count
        when 'not_returned'
            then case when after_unit - unit_index < unit_index - before_unit then after_total else before_total end
        when 'lapsed' then before_total
    end as unmeasured_count,
    before_unit as last_total_unit,
    before_total as last_total_count,
    first_total_unit,
    asked_before,
    range_first,
    range_last
from active
