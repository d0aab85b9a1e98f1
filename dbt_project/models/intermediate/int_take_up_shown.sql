{#- Which of several readings of a service's period is shown: what was stated, the sum of channels, or a
    year made of quarters of both kinds.

    One row per service, period, definition, measure and basis.
-#}
{%- set text = dbt.type_string() -%}
with

readings as (
    select
        stated.*,
        1 as is_stated
    from {{ known('int_take_up_stated') }} as stated
    union all
    select
        by_channel.*,
        0 as is_stated
    from {{ known('int_take_up_by_channel') }} as by_channel
),

-- What a publisher states of a total goes before the sum of reported channels, unless it lacks a
-- part and the channels lack none.
ranked as (
    select
        *,
        row_number() over (
            partition by service_id, period_kind, period_start, period_end, definition_id, measure, basis
            order by
                case when parts_present = parts_expected then 0 else 1 end,
                is_stated desc
        ) as precedence
    from readings
),

quarters as (
    select
        ranked.*,
        {{ quarter_index('ranked.period_start') }} as quarter_index,
        coalesce(services.volume_kind, 'flow') as volume_kind
    from ranked
    left join {{ stored('int_service_register') }} as services
        on ranked.service_id = services.service_id
    where ranked.precedence = 1 and ranked.period_kind = 'quarter' and ranked.basis = 'reported'
),

{%- set last_four = last_four_quarters('service_id, definition_id, measure') %}

years as (
    select
        service_id,
        definition_id,
        measure,
        volume_kind,
        quarter_index,
        count(*) {{ last_four }} as quarters_count,
        max(is_stated) {{ last_four }} - min(is_stated) {{ last_four }} as is_mixed,
        sum(digital_count) {{ last_four }} as digital_sum,
        sum(total_count) {{ last_four }} as total_sum,
        count(digital_count) {{ last_four }} as digital_present,
        count(total_count) {{ last_four }} as total_present,
        sum(parts_present) {{ last_four }} as parts_present,
        sum(parts_expected) {{ last_four }} as parts_expected,
        max(case when value_status = 'withheld' then 1 else 0 end) {{ last_four }} as is_withheld,
        max(case when value_status = 'inconsistent' then 1 else 0 end) {{ last_four }} as is_inconsistent,
        max(known_at) {{ last_four }} as known_at
    from quarters
),

year_kinds as (
    {{ year_kinds_sql() | indent(4) }}
),

-- Neither what was stated nor the channels have all of such a year.
years_of_both as (
    select
        years.*,
        year_kinds.period_kind,
        case
            when years.is_withheld = 1 then 'withheld'
            when years.is_inconsistent = 1 then 'inconsistent'
            when years.digital_present < 4 or years.total_present < 4 then 'incomplete'
            when years.total_sum = 0 then 'no_transactions'
            else 'complete'
        end as value_status,
        case years.volume_kind when 'stock' then 4.0 else 1.0 end as divisor
    from years
    inner join year_kinds
        on {{ is_year_of_kind('year_kinds.period_kind', 'years.quarter_index') }}
    where years.quarters_count = 4 and years.is_mixed = 1
),

mixed_years as (
    select
        *,
        case when value_status = 'complete' then digital_sum / cast(total_sum as double) end as take_up_ratio
    from years_of_both
)

select
    ranked.service_id,
    ranked.period_kind,
    ranked.period_start,
    ranked.period_end,
    ranked.definition_id,
    ranked.measure,
    ranked.digital_count,
    ranked.total_count,
    ranked.take_up_ratio,
    ranked.take_up_lower,
    ranked.take_up_upper,
    ranked.parts_present,
    ranked.parts_expected,
    ranked.value_status,
    ranked.status_reason,
    ranked.basis,
    ranked.known_at
from ranked
left join mixed_years
    on
        ranked.service_id = mixed_years.service_id
        and ranked.definition_id = mixed_years.definition_id
        and ranked.measure = mixed_years.measure
        and ranked.period_kind = mixed_years.period_kind
        and ranked.period_end = {{ quarter_end('mixed_years.quarter_index') }}
        and ranked.basis = 'reported'
where ranked.precedence = 1 and mixed_years.service_id is null
union all
select
    service_id,
    period_kind,
    {{ quarter_start('quarter_index - 3') }} as period_start,
    {{ quarter_end('quarter_index') }} as period_end,
    definition_id,
    measure,
    cast(case when digital_present = 4 then round(digital_sum / divisor) end as bigint) as digital_count,
    cast(case when total_present = 4 then round(total_sum / divisor) end as bigint) as total_count,
    take_up_ratio,
    take_up_ratio as take_up_lower,
    take_up_ratio as take_up_upper,
    cast(parts_present as bigint) as parts_present,
    cast(parts_expected as bigint) as parts_expected,
    value_status,
    case value_status
        when 'withheld' then 'a count is withheld as impossible, see data_quality'
        when 'inconsistent' then 'the digital count exceeds the total in at least one quarter'
        when 'incomplete'
            then concat(
                cast(parts_expected - parts_present as {{ text }}), ' of ', cast(parts_expected as {{ text }}),
                ' parts are missing'
            )
        when 'no_transactions' then 'the total is zero'
    end as status_reason,
    'reported' as basis,
    known_at
from mixed_years
