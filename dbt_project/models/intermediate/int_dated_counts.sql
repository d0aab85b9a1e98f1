{#- Counts that warnings are looked for in, beside those of the periods around them: what was reported,
    and the months of transaction events.
-#}
{%- set text = dbt.type_string() -%}
with

known_counts as (
    select
        service_id,
        definition_id,
        measure,
        breakdown,
        period_kind,
        period_start,
        period_end,
        transactions_count,
        known_from,
        event_source,
        input,
        1 as is_reported
    from {{ known('int_shown_cells') }}
    union all
    select
        service_id,
        definition_id,
        measure,
        'total' as breakdown,
        period_kind,
        period_start,
        period_end,
        total_count as transactions_count,
        known_at as known_from,
        'events' as event_source,
        cast(null as {{ text }}) as input,
        0 as is_reported
    from {{ known('take_up') }}
    where basis = 'events' and period_kind = 'month' and is_default_definition and value_status <> 'incomplete'
    union all
    select
        service_id,
        definition_id,
        measure,
        'digital' as breakdown,
        period_kind,
        period_start,
        period_end,
        digital_count as transactions_count,
        known_at as known_from,
        'events' as event_source,
        cast(null as {{ text }}) as input,
        0 as is_reported
    from {{ known('take_up') }}
    where basis = 'events' and period_kind = 'month' and is_default_definition and value_status <> 'incomplete'
),

counts as (
    select
        known_counts.service_id,
        known_counts.definition_id,
        known_counts.measure,
        known_counts.breakdown,
        known_counts.period_kind,
        known_counts.period_start,
        known_counts.period_end,
        {{ month_index('known_counts.period_start') }} as start_month,
        {{ months_to_previous('known_counts.period_kind') }} as period_months,
        known_counts.transactions_count,
        known_counts.known_from,
        known_counts.event_source,
        known_counts.input,
        known_counts.is_reported,
        case
            when known_counts.breakdown = 'total' and known_counts.period_end <= register.rounding_until
                then register.rounding_unit
        end as rounding_unit,
        -- Every summer of a seasonal service is a leap over its spring.
        case
            when register.is_seasonal then 12
            else {{ months_to_previous('known_counts.period_kind') }}
        end as months_apart,
        still_listed.service_id is not null as is_listed
    from known_counts
    left join {{ stored('int_service_register') }} as register
        on known_counts.service_id = register.service_id
    left join {{ known('int_still_listed') }} as still_listed
        on known_counts.service_id = still_listed.service_id
    where known_counts.transactions_count is not null
),

neighbours as (
    select
        counts.*,
        one_before.transactions_count as count_before,
        apart_before.transactions_count as comparable_before,
        apart_after.transactions_count as comparable_after
    from counts
    left join counts as one_before
        on
            counts.service_id = one_before.service_id
            and counts.definition_id = one_before.definition_id
            and counts.measure = one_before.measure
            and counts.breakdown = one_before.breakdown
            and counts.period_kind = one_before.period_kind
            and counts.start_month - counts.period_months = one_before.start_month
    left join counts as apart_before
        on
            counts.service_id = apart_before.service_id
            and counts.definition_id = apart_before.definition_id
            and counts.measure = apart_before.measure
            and counts.breakdown = apart_before.breakdown
            and counts.period_kind = apart_before.period_kind
            and counts.start_month - counts.months_apart = apart_before.start_month
    left join counts as apart_after
        on
            counts.service_id = apart_after.service_id
            and counts.definition_id = apart_after.definition_id
            and counts.measure = apart_after.measure
            and counts.breakdown = apart_after.breakdown
            and counts.period_kind = apart_after.period_kind
            and counts.start_month + counts.months_apart = apart_after.start_month
)

select * from neighbours
