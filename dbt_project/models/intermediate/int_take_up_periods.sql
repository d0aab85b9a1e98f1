{#- The parts of each period of a service added up: months, quarters, and years of four quarters.

    Where exactly one part is missing, the bounds are the least and the most that take-up would be,
    had that channel been in the missing unit what it was in any one of the year before; without a
    year before, it may have been anything from nothing on.
-#}
{#- Take-up of a period whose one missing part is what it was in an earlier unit. -#}
{%- set ratio_with_history -%}
    case
            when one_missing.total_sum + history.transactions_count > 0
                then (one_missing.digital_sum + history.digital_count)
                / cast(one_missing.total_sum + history.transactions_count as double)
        end
{%- endset -%}
{%- set series = "service_id, basis, definition_id, measure" -%}
with

parts as (
    select * from {{ known('int_take_up_parts') }}
),

summed as (
    select
        service_id,
        basis,
        definition_id,
        measure,
        level,
        unit_index,
        max(volume_kind) as volume_kind,
        max(is_shown) as is_shown,
        min(is_over) as is_over,
        min(is_registered) as is_registered,
        sum(is_part) as parts_expected,
        sum(case when is_part = 1 then is_present else 0 end) as parts_present,
        sum(case when is_part = 1 and is_present = 0 then is_digital_channel else 0 end) as digital_missing,
        -- Nothing digital applies: the register rules the online channel out and expects no other.
        max(case when channel = 'online' and is_part = 0 then 1 else 0 end)
        * (1 - max(is_part * is_digital_channel)) as not_applicable,
        max(case when value_status = 'withdrawn' then 1 else 0 end) as is_withdrawn,
        max(case when value_status = 'withheld' then 1 else 0 end) as is_withheld,
        coalesce(sum(digital_count), 0) as digital_sum,
        coalesce(sum(transactions_count), 0) as total_sum,
        min(first_known_at) as first_known_at,
        max(known_at) as given_known_at
    from parts
    group by {{ series }}, level, unit_index
),

-- A gap has been known since a later unit was.
units as (
    select
        *,
        coalesce(
            given_known_at,
            min(first_known_at) over (
                partition by {{ series }}, level
                order by unit_index
                rows between 1 following and unbounded following
            )
        ) as known_at,
        unit_index - min(unit_index) over (partition by {{ series }}, level) as units_before
    from summed
),

{%- set last_four = last_four_quarters(series, 'unit_index') %}

years as (
    select
        service_id,
        basis,
        definition_id,
        measure,
        unit_index,
        units_before,
        volume_kind,
        -- A quarter without any part at all is not a complete one.
        count(*) {{ last_four }} as units_there,
        min(is_over) {{ last_four }} as is_over,
        min(is_registered) {{ last_four }} as is_registered,
        sum(parts_expected) {{ last_four }} as parts_expected,
        sum(parts_present) {{ last_four }} as parts_present,
        sum(digital_missing) {{ last_four }} as digital_missing,
        min(not_applicable) {{ last_four }} as not_applicable,
        max(is_withheld) {{ last_four }} as is_withheld,
        sum(digital_sum) {{ last_four }} as digital_sum,
        sum(total_sum) {{ last_four }} as total_sum,
        max(known_at) {{ last_four }} as known_at
    from units
    where level = 'quarter'
),

year_kinds as (
    {{ year_kinds_sql() | indent(4) }}
),

periods as (
    select
        service_id,
        basis,
        definition_id,
        measure,
        level,
        level as period_kind,
        unit_index as first_unit,
        unit_index as last_unit,
        1 as units_count,
        volume_kind,
        is_over,
        is_registered,
        parts_expected,
        parts_present,
        digital_missing,
        not_applicable,
        is_withdrawn,
        is_withheld,
        digital_sum,
        total_sum,
        known_at
    from units
    where is_shown = 1
    union all
    select
        years.service_id,
        years.basis,
        years.definition_id,
        years.measure,
        'quarter' as level,
        year_kinds.period_kind,
        years.unit_index - 3 as first_unit,
        years.unit_index as last_unit,
        4 as units_count,
        years.volume_kind,
        years.is_over,
        case when years.units_there = 4 then years.is_registered else 0 end as is_registered,
        years.parts_expected,
        years.parts_present,
        years.digital_missing,
        years.not_applicable,
        0 as is_withdrawn,
        years.is_withheld,
        years.digital_sum,
        years.total_sum,
        years.known_at
    from years
    inner join year_kinds
        on {{ is_year_of_kind('year_kinds.period_kind', 'years.unit_index') }}
    where years.units_before >= 3
),

with_status as (
    select
        *,
        parts_expected - parts_present as parts_missing,
        case
            when not_applicable = 1 then 'not_applicable'
            when is_withdrawn = 1 and parts_present < parts_expected then 'withdrawn'
            when is_withheld = 1 then 'withheld'
            when parts_present < parts_expected or is_registered = 0 or is_over = 0 then 'incomplete'
            when total_sum = 0 then 'no_transactions'
            else 'complete'
        end as value_status
    from periods
),

one_missing as (
    select
        with_status.service_id,
        with_status.basis,
        with_status.definition_id,
        with_status.measure,
        with_status.level,
        with_status.period_kind,
        with_status.last_unit,
        with_status.digital_sum,
        with_status.total_sum,
        parts.channel,
        parts.unit_index,
        parts.is_digital_channel
    from with_status
    inner join parts
        on
            with_status.service_id = parts.service_id
            and with_status.basis = parts.basis
            and with_status.definition_id = parts.definition_id
            and with_status.measure = parts.measure
            and with_status.level = parts.level
            and parts.unit_index between with_status.first_unit and with_status.last_unit
    where
        with_status.parts_missing = 1
        and with_status.is_registered = 1
        and with_status.is_over = 1
        and with_status.value_status in ('incomplete', 'withdrawn')
        and parts.is_part = 1
        and parts.is_present = 0
),

had_it_been as (
    select
        one_missing.service_id,
        one_missing.basis,
        one_missing.definition_id,
        one_missing.measure,
        one_missing.period_kind,
        one_missing.last_unit,
        max(one_missing.channel) as missing_channel,
        max(one_missing.is_digital_channel) as is_digital_channel,
        count(history.unit_index) as history_count,
        min({{ ratio_with_history }}) as lower_bound,
        max({{ ratio_with_history }}) as upper_bound
    from one_missing
    left join parts as history
        on
            one_missing.service_id = history.service_id
            and one_missing.basis = history.basis
            and one_missing.definition_id = history.definition_id
            and one_missing.measure = history.measure
            and one_missing.level = history.level
            and one_missing.channel = history.channel
            and history.is_part = 1
            and history.is_present = 1
            and one_missing.unit_index > history.unit_index
            and one_missing.unit_index <= history.unit_index + case history.level when 'month' then 12 else 4 end
    group by
        one_missing.service_id,
        one_missing.basis,
        one_missing.definition_id,
        one_missing.measure,
        one_missing.period_kind,
        one_missing.last_unit
),

bounded as (
    select
        with_status.*,
        had_it_been.missing_channel,
        case
            when with_status.value_status = 'complete'
                then with_status.digital_sum / cast(with_status.total_sum as double)
        end as take_up_ratio,
        case
            when had_it_been.history_count > 0 then had_it_been.lower_bound
            when had_it_been.history_count = 0 then 0.0
        end as lower_bound,
        case
            when had_it_been.history_count > 0 then had_it_been.upper_bound
            when had_it_been.is_digital_channel = 1 then 1.0
            when had_it_been.history_count = 0 and with_status.total_sum > 0
                then with_status.digital_sum / cast(with_status.total_sum as double)
        end as upper_bound
    from with_status
    left join had_it_been
        on
            with_status.service_id = had_it_been.service_id
            and with_status.basis = had_it_been.basis
            and with_status.definition_id = had_it_been.definition_id
            and with_status.measure = had_it_been.measure
            and with_status.period_kind = had_it_been.period_kind
            and with_status.last_unit = had_it_been.last_unit
)

select * from bounded
