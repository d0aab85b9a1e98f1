{#- From when to when a service is asked for its counts, and which kind of digital offer it shows.

    One row per flow service, definition and level (month, quarter). A service is listed in a
    publication, or has counts, or stands in the register with a channel that is to be counted.
    It is asked from its first known total on; one without any total from its first listing
    (the first publication speaks for all time before it), its first day in the register or its first
    count. `asked_before` is the day from which it is no longer asked: it was delisted, or the
    register ends all of its channels.
-#}
{%- set series = "service_id, definition_id, level" -%}
with

flows as (
    {{ known_flows_sql() | indent(4) }}
),

counted as (
    select * from {{ known('int_counted_units') }}
),

-- Units of which any total is known: before and after them there is nothing to ask for.
ranges as (
    select
        definition_id,
        level,
        min(unit_index) as range_first,
        max(unit_index) as range_last
    from counted
    where total_count is not null
    group by definition_id, level
),

presence as (
    select
        service_id,
        {{ definition_of_source('event_source') }} as definition_id,
        case
            when listed_from > min(listed_from) over (partition by event_source)
                then {{ quarter_index(london_date('listed_from')) }}
            else 0
        end as listed_unit,
        case when listed_to <= {{ moment() }} then {{ london_date('listed_to') }} end as delisted_on
    from {{ stored('service_presence') }}
    where
        listed_from <= {{ moment() }}
        and {{ counts_at(moment()) }}
),

listed as (
    select
        service_id,
        definition_id,
        min(listed_unit) as listed_unit,
        case when count(delisted_on) = count(*) then max(delisted_on) end as delisted_before
    from presence
    group by service_id, definition_id
),

channels as (
    select
        service_id,
        basis,
        coalesce(valid_from, date '0001-01-01') as valid_from,
        valid_to
    from {{ stored('mart_service_channels') }}
    where expectation = 'expected'
),

ends as (
    select
        service_id,
        case when count(valid_to) = count(*) then {{ day_after('max(valid_to)') }} end as ended_before
    from channels
    group by service_id
),

levels as (
    select 'month' as level
    union all
    select 'quarter' as level
),

registered as (
    select
        channels.service_id,
        definitions.definition_id,
        levels.level,
        min(
            case levels.level
                when 'month' then {{ month_index('channels.valid_from') }}
                else {{ quarter_index('channels.valid_from') }}
            end
        ) as registered_unit
    from channels
    inner join {{ stored('mart_definitions') }} as definitions
        on
            channels.service_id = coalesce(definitions.service_id, channels.service_id)
            and definitions.applies_to_basis in (channels.basis, 'both')
    inner join levels
        on levels.level = 'quarter' or channels.basis = 'events'
    group by channels.service_id, definitions.definition_id, levels.level
),

members as (
    select
        service_id,
        definition_id,
        level,
        min(case when total_count is not null then unit_index end) as first_total_unit,
        min(unit_index) as first_given_unit,
        cast(null as bigint) as listed_unit,
        cast(null as bigint) as registered_unit,
        cast(null as date) as delisted_before
    from counted
    group by {{ series }}
    union all
    select
        listed.service_id,
        listed.definition_id,
        'quarter' as level,
        cast(null as bigint) as first_total_unit,
        cast(null as bigint) as first_given_unit,
        listed.listed_unit,
        cast(null as bigint) as registered_unit,
        listed.delisted_before
    from listed
    union all
    select
        registered.service_id,
        registered.definition_id,
        registered.level,
        cast(null as bigint) as first_total_unit,
        cast(null as bigint) as first_given_unit,
        cast(null as bigint) as listed_unit,
        registered.registered_unit,
        cast(null as date) as delisted_before
    from registered
),

series as (
    select
        service_id,
        definition_id,
        level,
        min(first_total_unit) as first_total_unit,
        coalesce(
            min(first_total_unit),
            min(listed_unit),
            min(registered_unit),
            min(first_given_unit)
        ) as first_unit,
        min(delisted_before) as delisted_before
    from members
    group by {{ series }}
),

complete_quarters as (
    select * from counted
    where level = 'quarter' and is_measured = 1 and total_count > 0
),

offers as (
    {{ digital_offers_sql('complete_quarters') | indent(4) }}
)

select
    series.service_id,
    series.definition_id,
    series.level,
    series.first_total_unit,
    series.first_unit,
    least(
        coalesce(series.delisted_before, date '9999-12-31'),
        coalesce(ends.ended_before, date '9999-12-31')
    ) as asked_before,
    coalesce(offers.digital_offer, 'unknown') as digital_offer,
    ranges.range_first,
    ranges.range_last
from series
inner join flows
    on series.service_id = flows.service_id
inner join ranges
    on
        series.definition_id = ranges.definition_id
        and series.level = ranges.level
left join ends
    on series.service_id = ends.service_id
left join offers
    on
        series.service_id = offers.service_id
        and series.definition_id = offers.definition_id
