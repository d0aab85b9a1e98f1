{#- Digital take-up from stated totals: a total and its digital part, as published volumes give them,
    as known at a moment.

    One row per service, period, definition and measure. The rules are those of docs/measures.md,
    "take-up".
-#}
with

every_quarter as (
    select * from {{ known('int_stated_quarters') }}
),

{%- set last_four = last_four_quarters('service_id, definition_id, measure') %}

years as (
    select
        service_id,
        definition_id,
        measure,
        volume_kind,
        quarter_index,
        quarters_before,
        sum(digital_count) {{ last_four }} as digital_sum,
        sum(total_count) {{ last_four }} as total_sum,
        count(digital_count) {{ last_four }} as digital_present,
        count(total_count) {{ last_four }} as total_present,
        sum(digital_without_total) {{ last_four }} as digital_without_total,
        sum(total_without_digital) {{ last_four }} as total_without_digital,
        max(digital_withheld) {{ last_four }} as digital_withheld,
        max(total_withheld) {{ last_four }} as total_withheld,
        max(inconsistent) {{ last_four }} as inconsistent,
        min(not_applicable) {{ last_four }} as not_applicable,
        max(known_at) {{ last_four }} as known_at
    from every_quarter
),

year_kinds as (
    {{ year_kinds_sql() | indent(4) }}
),

periods as (
    select
        service_id,
        definition_id,
        measure,
        volume_kind,
        'quarter' as period_kind,
        1 as quarters_count,
        quarter_index,
        digital_count as digital_sum,
        total_count as total_sum,
        case when digital_count is null then 0 else 1 end as digital_present,
        case when total_count is null then 0 else 1 end as total_present,
        digital_without_total,
        total_without_digital,
        digital_withdrawn,
        total_withdrawn,
        digital_withheld,
        total_withheld,
        inconsistent,
        not_applicable,
        known_at
    from every_quarter
    where was_given = 1
    union all
    select
        years.service_id,
        years.definition_id,
        years.measure,
        years.volume_kind,
        year_kinds.period_kind,
        4 as quarters_count,
        years.quarter_index,
        years.digital_sum,
        years.total_sum,
        years.digital_present,
        years.total_present,
        years.digital_without_total,
        years.total_without_digital,
        0 as digital_withdrawn,
        0 as total_withdrawn,
        years.digital_withheld,
        years.total_withheld,
        years.inconsistent,
        years.not_applicable,
        years.known_at
    from years
    inner join year_kinds
        on {{ is_year_of_kind('year_kinds.period_kind', 'years.quarter_index') }}
    -- A year of which nobody gave a quarter is not one to be shown.
    where years.quarters_before >= 3 and years.known_at is not null
),

with_status as (
    select
        *,
        case
            when not_applicable = 1 then 'not_applicable'
            when digital_withdrawn = 1 or total_withdrawn = 1 then 'withdrawn'
            when digital_withheld = 1 or total_withheld = 1 then 'withheld'
            when inconsistent = 1 then 'inconsistent'
            when digital_present < quarters_count or total_present < quarters_count then 'incomplete'
            when total_sum = 0 then 'no_transactions'
            else 'complete'
        end as value_status,
        2 * quarters_count - digital_present - total_present as parts_missing
    from periods
),

bounded as (
    select
        *,
        case when value_status = 'complete' then digital_sum / cast(total_sum as double) end as take_up_ratio,
        -- Bounds need exactly one missing part, and parts that do not contradict each other.
        -- A missing total is at least its digital part; a missing digital part is at most its
        -- total. So both bounds lie between 0 and 1 of themselves.
        case
            when value_status not in ('incomplete', 'withdrawn') or parts_missing <> 1 then null
            when total_present < quarters_count then 0.0
            when total_sum > 0 then coalesce(digital_sum, 0) / cast(total_sum as double)
        end as lower_bound,
        case
            when value_status not in ('incomplete', 'withdrawn') or parts_missing <> 1 then null
            when total_present < quarters_count and coalesce(total_sum, 0) + digital_without_total > 0
                then digital_sum / cast(coalesce(total_sum, 0) + digital_without_total as double)
            when digital_present < quarters_count and total_sum > 0
                then (coalesce(digital_sum, 0) + total_without_digital) / cast(total_sum as double)
        end as upper_bound
    from with_status
)

select
    service_id,
    period_kind,
    {{ quarter_start('quarter_index - quarters_count + 1') }} as period_start,
    {{ quarter_end('quarter_index') }} as period_end,
    definition_id,
    measure,
    -- A longer period shows no partial sum, and a stock is averaged over it.
    cast(
        case
            when digital_present < quarters_count then null
            when volume_kind = 'stock' then round(digital_sum / cast(quarters_count as double))
            else digital_sum
        end as bigint
    ) as digital_count,
    cast(
        case
            when total_present < quarters_count then null
            when volume_kind = 'stock' then round(total_sum / cast(quarters_count as double))
            else total_sum
        end as bigint
    ) as total_count,
    cast(take_up_ratio as double) as take_up_ratio,
    cast(coalesce(take_up_ratio, lower_bound) as double) as take_up_lower,
    cast(coalesce(take_up_ratio, upper_bound) as double) as take_up_upper,
    cast(digital_present + total_present as bigint) as parts_present,
    cast(2 * quarters_count as bigint) as parts_expected,
    value_status,
    case
        when value_status = 'not_applicable' then 'the register says that the service has no digital channel'
        when value_status = 'withdrawn' and digital_withdrawn = 1 and total_withdrawn = 1
            then 'digital count and total were published and then taken back'
        when value_status = 'withdrawn' and digital_withdrawn = 1
            then 'the digital count was published and then taken back'
        when value_status = 'withdrawn' then 'the total was published and then taken back'
        when value_status = 'withheld'
            then concat(
                case
                    when digital_withheld = 1 and total_withheld = 1 then 'digital counts and totals are withheld'
                    when digital_withheld = 1 then 'a digital count is withheld'
                    else 'a total is withheld'
                end,
                ' as impossible, see data_quality'
            )
        when value_status = 'inconsistent' and quarters_count = 1 then 'the digital count exceeds the total'
        when value_status = 'inconsistent' then 'the digital count exceeds the total in at least one quarter'
        when value_status = 'incomplete' and quarters_count > 1
            then concat(
                cast(parts_missing as {{ dbt.type_string() }}), ' of ',
                cast(2 * quarters_count as {{ dbt.type_string() }}), ' parts are missing'
            )
        when value_status = 'incomplete' and parts_missing = 2 then 'neither digital count nor total was provided'
        when value_status = 'incomplete' and digital_present = 0 then 'no digital count was provided'
        when value_status = 'incomplete' then 'no total was provided'
        when value_status = 'no_transactions' then 'the total is zero'
    end as status_reason,
    'reported' as basis,
    known_at
from bounded
