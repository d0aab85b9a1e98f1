{#- Digital take-up from channels, as known at a moment, under every definition that applies.

    One row per service, period, definition, measure and basis. `months` and `quarters` are the
    relations of channel_months and channel_quarters, `counts` and `adjustments` those of
    transaction_counts and transaction_adjustments, `definitions` and `classes` those of definitions
    and definition_classes. A definition applies where its basis and, if it names one, its service
    do: a new one is rows of the registers.

    A part is one channel in one month (months) or one quarter (longer periods). The register says
    which are expected. Where exactly one is missing, the bounds are the least and the most that
    take-up would be, had that channel been in the missing unit what it was in any one of the year
    before; without a year before, it may have been anything from nothing on.
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

known_transactions as (
    {{ known_transactions_sql(stored('transaction_counts'), stored('transaction_adjustments'), moment()) | indent(4) }}
),

transactions as (
    select
        service_id,
        {{ month_index('month_start') }} as month_index,
        channel,
        assistance,
        online_extent,
        sum(transactions_count) as transactions_count
    from known_transactions
    where measure = 'completed'
    group by service_id, month_start, channel, assistance, online_extent
),

digital_months as (
    select
        transactions.service_id,
        classes.definition_id,
        transactions.month_index,
        transactions.channel,
        sum(transactions.transactions_count) as digital_count
    from transactions
    inner join {{ stored('definition_classes') }} as classes
        on
            transactions.channel = classes.channel
            and transactions.assistance = classes.assistance
            and transactions.online_extent = classes.online_extent
    where classes.is_digital
    group by transactions.service_id, classes.definition_id, transactions.month_index, transactions.channel
),

digital_units as (
    select
        'month' as level,
        service_id,
        definition_id,
        month_index as unit_index,
        channel,
        digital_count
    from digital_months
    union all
    select
        'quarter' as level,
        service_id,
        definition_id,
        cast(floor(month_index / 3.0) as bigint) as unit_index,
        channel,
        sum(digital_count) as digital_count
    from digital_months
    group by service_id, definition_id, floor(month_index / 3.0), channel
),

cells as (
    {% for level, relation in [('month', known('int_channel_months')), ('quarter', known('int_channel_quarters'))] -%}
    select
        '{{ level }}' as level,
        basis,
        measure,
        service_id,
        {{ level }}_index as unit_index,
        channel,
        is_part,
        is_present,
        case when is_present = 1 then transactions_count end as transactions_count,
        case when is_present = 1 then events_count end as events_count,
        value_status,
        is_over,
        is_registered,
        is_shown,
        volume_kind,
        first_known_at,
        known_at
    from {{ relation }}
    {% if not loop.last -%}
    union all
    {% endif -%}
    {%- endfor -%}
),

-- The class of a channel by itself, for what was reported of it: nobody said who helped.
channel_classes as (
    select
        definition_id,
        channel,
        is_digital
    from {{ stored('definition_classes') }}
    where assistance = 'none' and online_extent = 'not_stated'
),

parts as (
    select
        cells.*,
        definitions.definition_id,
        case when channel_classes.is_digital then 1 else 0 end as is_digital_channel,
        -- Of a channel without events in the unit everything was reported.
        case
            when cells.events_count is not null then coalesce(digital_units.digital_count, 0)
            + case when channel_classes.is_digital then cells.transactions_count - cells.events_count else 0 end
            when channel_classes.is_digital then cells.transactions_count
            when cells.is_present = 1 then 0
        end as digital_count
    from cells
    inner join {{ stored('mart_definitions') }} as definitions
        on
            cells.service_id = coalesce(definitions.service_id, cells.service_id)
            and definitions.applies_to_basis in (cells.basis, 'both')
    inner join channel_classes
        on
            definitions.definition_id = channel_classes.definition_id
            and cells.channel = channel_classes.channel
    left join digital_units
        on
            cells.basis = 'events'
            and cells.level = digital_units.level
            and cells.service_id = digital_units.service_id
            and cells.unit_index = digital_units.unit_index
            and cells.channel = digital_units.channel
            and definitions.definition_id = digital_units.definition_id
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
        -- A quarter without any part at all is no complete one.
        count(*) {{ last_four }} as units_there,
        min(is_over) {{ last_four }} as is_over,
        min(is_registered) {{ last_four }} as is_registered,
        sum(parts_expected) {{ last_four }} as parts_expected,
        sum(parts_present) {{ last_four }} as parts_present,
        sum(digital_missing) {{ last_four }} as digital_missing,
        min(not_applicable) {{ last_four }} as not_applicable,
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
        years.digital_sum,
        years.total_sum,
        years.known_at
    from years
    inner join year_kinds
        on {{ is_year_of_kind('year_kinds.period_kind', 'years.unit_index') }}
    where years.units_before >= 3
),

judged as (
    select
        *,
        parts_expected - parts_present as parts_missing,
        case
            when not_applicable = 1 then 'not_applicable'
            when is_withdrawn = 1 and parts_present < parts_expected then 'withdrawn'
            when parts_present < parts_expected or is_registered = 0 or is_over = 0 then 'incomplete'
            when total_sum = 0 then 'no_transactions'
            else 'complete'
        end as value_status
    from periods
),

one_missing as (
    select
        judged.service_id,
        judged.basis,
        judged.definition_id,
        judged.measure,
        judged.level,
        judged.period_kind,
        judged.last_unit,
        judged.digital_sum,
        judged.total_sum,
        parts.channel,
        parts.unit_index,
        parts.is_digital_channel
    from judged
    inner join parts
        on
            judged.service_id = parts.service_id
            and judged.basis = parts.basis
            and judged.definition_id = parts.definition_id
            and judged.measure = parts.measure
            and judged.level = parts.level
            and parts.unit_index between judged.first_unit and judged.last_unit
    where
        judged.parts_missing = 1
        and judged.is_registered = 1
        and judged.is_over = 1
        and judged.value_status in ('incomplete', 'withdrawn')
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
        judged.*,
        had_it_been.missing_channel,
        case
            when judged.value_status = 'complete' then judged.digital_sum / cast(judged.total_sum as double)
        end as take_up_ratio,
        case
            when had_it_been.history_count > 0 then had_it_been.lower_bound
            when had_it_been.history_count = 0 then 0.0
        end as lower_bound,
        case
            when had_it_been.history_count > 0 then had_it_been.upper_bound
            when had_it_been.is_digital_channel = 1 then 1.0
            when had_it_been.history_count = 0 and judged.total_sum > 0
                then judged.digital_sum / cast(judged.total_sum as double)
        end as upper_bound
    from judged
    left join had_it_been
        on
            judged.service_id = had_it_been.service_id
            and judged.basis = had_it_been.basis
            and judged.definition_id = had_it_been.definition_id
            and judged.measure = had_it_been.measure
            and judged.period_kind = had_it_been.period_kind
            and judged.last_unit = had_it_been.last_unit
),

dated as (
    select
        *,
        case level
            when 'month' then {{ month_start('first_unit') }}
            else {{ quarter_start('first_unit') }}
        end as period_start,
        case level
            when 'month' then last_day({{ month_start('last_unit') }})
            else {{ quarter_end('last_unit') }}
        end as period_end
    from bounded
)

select
    service_id,
    period_kind,
    period_start,
    period_end,
    definition_id,
    measure,
    cast(
        case
            when digital_missing > 0 or is_over = 0 or is_registered = 0 then null
            when volume_kind = 'stock' then round(digital_sum / cast(units_count as double))
            else digital_sum
        end as bigint
    ) as digital_count,
    cast(
        case
            when parts_missing > 0 or is_over = 0 or is_registered = 0 then null
            when volume_kind = 'stock' then round(total_sum / cast(units_count as double))
            else total_sum
        end as bigint
    ) as total_count,
    cast(take_up_ratio as double) as take_up_ratio,
    cast(coalesce(take_up_ratio, lower_bound) as double) as take_up_lower,
    cast(coalesce(take_up_ratio, upper_bound) as double) as take_up_upper,
    cast(parts_present as bigint) as parts_present,
    cast(parts_expected as bigint) as parts_expected,
    value_status,
    case
        when value_status = 'not_applicable' then 'the register says that the service has no digital channel'
        when value_status = 'withdrawn' then 'a count was published and then taken back'
        when value_status = 'incomplete' and is_over = 0 then 'the period is not over'
        when value_status = 'incomplete' and is_registered = 0
            then 'the register does not name the channels of the service'
        when value_status = 'incomplete' and missing_channel is not null and units_count = 1
            then concat('no count of the channel ', missing_channel)
        when value_status = 'incomplete'
            then concat(
                cast(parts_missing as {{ dbt.type_string() }}), ' of ',
                cast(parts_expected as {{ dbt.type_string() }}), ' parts are missing'
            )
        when value_status = 'no_transactions' then 'the total is zero'
    end as status_reason,
    basis,
    -- Before it was over, a month could not be known whole.
    case
        when basis = 'events' and is_over = 1
            then greatest(known_at, {{ london_midnight(day_after('period_end')) }})
        else known_at
    end as known_at
from dated
