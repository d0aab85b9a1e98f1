{#- A service's counts of a period beside those of an earlier one. Bodies are those of today's
    structure in both periods, so that a service that changed hands neither enters nor leaves.
    Flows only.
-#}
with

owners as (
    select
        service_id,
        current_department_id as department_id,
        organisation_id,
        row_number() over (partition by service_id order by known_from desc) as listing_number_from_last
    from {{ stored('service_listings') }}
    where
        volume_kind = 'flow'
        and known_from <= {{ moment() }}
        and {{ counts_at(moment()) }}
),

counted_take_up as (
    {{ counted_take_up_sql(known('take_up')) | indent(4) }}
),

members as (
    select
        owners.department_id,
        owners.organisation_id,
        counted_take_up.service_id,
        counted_take_up.definition_id,
        counted_take_up.period_kind,
        {{ month_index('counted_take_up.period_start') }} as start_month,
        counted_take_up.digital_count,
        counted_take_up.total_count
    from counted_take_up
    inner join owners
        on counted_take_up.service_id = owners.service_id
    where owners.listing_number_from_last = 1
),

periods as (
    select distinct
        period_kind,
        period_start,
        period_end,
        {{ month_index('period_start') }} as start_month
    from {{ known('take_up') }}
),

comparisons as (
    select
        period_kind,
        period_start,
        period_end,
        start_month,
        'previous' as comparison,
        start_month - {{ months_to_previous('period_kind') }} as from_month
    from periods
    union all
    select
        period_kind,
        period_start,
        period_end,
        start_month,
        'year' as comparison,
        start_month - 12 as from_month
    from periods
),

sides as (
    select
        members.department_id,
        members.organisation_id,
        members.service_id,
        members.definition_id,
        members.period_kind,
        comparisons.period_start,
        comparisons.period_end,
        comparisons.start_month,
        comparisons.from_month,
        comparisons.comparison,
        cast(null as bigint) as digital_before,
        cast(null as bigint) as total_before,
        members.digital_count as digital_after,
        members.total_count as total_after,
        0 as listed_before,
        1 as listed_after
    from comparisons
    inner join members
        on
            comparisons.period_kind = members.period_kind
            and comparisons.start_month = members.start_month
    union all
    select
        members.department_id,
        members.organisation_id,
        members.service_id,
        members.definition_id,
        members.period_kind,
        comparisons.period_start,
        comparisons.period_end,
        comparisons.start_month,
        comparisons.from_month,
        comparisons.comparison,
        members.digital_count as digital_before,
        members.total_count as total_before,
        cast(null as bigint) as digital_after,
        cast(null as bigint) as total_after,
        1 as listed_before,
        0 as listed_after
    from comparisons
    inner join members
        on
            comparisons.period_kind = members.period_kind
            and comparisons.from_month = members.start_month
),

paired as (
    select
        department_id,
        organisation_id,
        service_id,
        definition_id,
        period_kind,
        period_start,
        period_end,
        start_month,
        from_month,
        comparison,
        max(digital_before) as digital_before,
        max(total_before) as total_before,
        max(digital_after) as digital_after,
        max(total_after) as total_after,
        max(listed_before) * max(listed_after) as listed_in_both,
        count(total_before) * count(total_after) as measured_in_both
    from sides
    group by
        department_id,
        organisation_id,
        service_id,
        definition_id,
        period_kind,
        period_start,
        period_end,
        start_month,
        from_month,
        comparison
)

select * from paired
