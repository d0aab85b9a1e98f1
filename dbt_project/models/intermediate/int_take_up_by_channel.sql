{#- Digital take-up from channels, as known at a moment, under every definition that applies. A part
    is one channel in one month (months) or one quarter (longer periods). The register says which
    are expected.
-#}
with

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
    from {{ known('int_take_up_periods') }}
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
        when value_status = 'withheld' then 'a count is withheld as impossible, see data_quality'
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
