{#- Digital take-up of bodies (government, departments, organisations), sums over sums.

    One row per body, structure, period and definition. Flows only: a caseload is not a transaction.
-#}
with

known_listings as (
    select
        service_id,
        department_id,
        current_department_id,
        is_department_registered,
        organisation_id,
        {{ london_date('known_from') }} as listed_on,
        row_number() over (partition by service_id order by known_from) as listing_number,
        row_number() over (partition by service_id order by known_from desc) as listing_number_from_last,
        lead({{ london_date('known_from') }}) over (partition by service_id order by known_from) as next_listed_on
    from {{ stored('service_listings') }}
    where
        volume_kind = 'flow'
        and known_from <= {{ moment() }}
        and {{ counts_at(moment()) }}
),

-- The listing that holds for a period is the last one published by its end. A period before the
-- first publication takes the first.
structures as (
    select
        service_id,
        'as_at_period' as structure,
        department_id,
        is_department_registered,
        organisation_id,
        case when listing_number = 1 then date '0001-01-01' else listed_on end as holds_from,
        coalesce(next_listed_on, date '9999-12-31') as holds_before
    from known_listings
    union all
    select
        service_id,
        'current' as structure,
        current_department_id as department_id,
        is_department_registered,
        organisation_id,
        date '0001-01-01' as holds_from,
        date '9999-12-31' as holds_before
    from known_listings
    where listing_number_from_last = 1
),

counted_take_up as (
    {{ counted_take_up_sql(known('take_up')) | indent(4) }}
),

services as (
    select
        structures.structure,
        structures.department_id,
        structures.is_department_registered,
        structures.organisation_id,
        counted_take_up.period_kind,
        counted_take_up.period_start,
        counted_take_up.period_end,
        counted_take_up.definition_id,
        counted_take_up.digital_count,
        counted_take_up.total_count
    from counted_take_up
    inner join structures
        on
            counted_take_up.service_id = structures.service_id
            and counted_take_up.period_end >= structures.holds_from
            and counted_take_up.period_end < structures.holds_before
),

organisations as (
    select
        structure,
        department_id,
        organisation_id,
        period_kind,
        period_start,
        period_end,
        definition_id,
        min(is_department_registered) as is_department_registered,
        sum(digital_count) as digital_sum,
        sum(total_count) as total_sum,
        count(total_count) as services_measured,
        count(*) as services_expected
    from services
    group by structure, department_id, organisation_id, period_kind, period_start, period_end, definition_id
),

bodies as (
    select
        'organisation' as level,
        department_id,
        is_department_registered,
        organisation_id,
        structure,
        period_kind,
        period_start,
        period_end,
        definition_id,
        digital_sum,
        total_sum,
        services_measured,
        services_expected
    from organisations
    where organisation_id is not null
    union all
    select
        'department' as level,
        department_id,
        min(is_department_registered) as is_department_registered,
        cast(null as {{ dbt.type_string() }}) as organisation_id,
        structure,
        period_kind,
        period_start,
        period_end,
        definition_id,
        sum(digital_sum) as digital_sum,
        sum(total_sum) as total_sum,
        sum(services_measured) as services_measured,
        sum(services_expected) as services_expected
    from organisations
    where department_id is not null
    group by department_id, structure, period_kind, period_start, period_end, definition_id
    union all
    select
        'government' as level,
        'all' as department_id,
        cast(null as boolean) as is_department_registered,
        cast(null as {{ dbt.type_string() }}) as organisation_id,
        structure,
        period_kind,
        period_start,
        period_end,
        definition_id,
        sum(digital_sum) as digital_sum,
        sum(total_sum) as total_sum,
        sum(services_measured) as services_measured,
        sum(services_expected) as services_expected
    from organisations
    group by structure, period_kind, period_start, period_end, definition_id
)

select
    level,
    department_id,
    is_department_registered,
    organisation_id,
    structure,
    period_kind,
    period_start,
    period_end,
    definition_id,
    cast(digital_sum as bigint) as digital_count,
    cast(total_sum as bigint) as total_count,
    cast(case when total_sum > 0 then digital_sum / cast(total_sum as double) end as double) as take_up_ratio,
    cast(services_measured as bigint) as services_measured,
    cast(services_expected as bigint) as services_expected,
    {{ is_simulated() }} as is_simulated
from bodies
order by level, department_id, organisation_id, structure, period_kind, period_end
