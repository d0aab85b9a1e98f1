{#- What publications had of flow services' quarters, as known at each of several moments: those of
    all publications, in the table function the two that it is asked for.

    One row per moment, service, definition and quarter that is measured at it: both counts are
    known, neither is withheld or set aside then, and they do not contradict each other. Department
    and digital offer are those of the same moment. `paired_states_sql` puts two moments in succession beside each other.
-#}
with

moments as (
    {%- if is_table_function() %}
        select
            1 as moment_number,
            cast(old_at as {{ moment_type() }}) as known_at
        union all
        select
            2 as moment_number,
            cast(new_at as {{ moment_type() }}) as known_at
    {%- else %}
        select
            known_at,
            row_number() over (order by known_at) as moment_number
        from (select distinct known_at from {{ ref('stg_events__service_listed') }}) as publications
    {%- endif %}
),

-- What int_shown_cells has at the moment.
quarter_cells as (
    select
        moments.moment_number,
        moments.known_at,
        reported.service_id,
        reported.definition_id,
        reported.measure,
        reported.breakdown,
        {{ quarter_index('reported.period_start') }} as quarter_index,
        case
            when
                not ({{ is_before_its_end('reported.known_from', 'reported.period_end') }})
                and not ({{ is_beyond_any_service('reported.transactions_count') }})
                then reported.transactions_count
        end as transactions_count,
        reported.value_status,
        reported.volume_kind,
        reported.known_from
    from moments
    inner join {{ stored('reported_cells') }} as reported
        on
            moments.known_at >= reported.known_from
            and (reported.known_to is null or moments.known_at < reported.known_to)
    where
        {{ counts_at('moments.known_at', 'reported') }}
        and reported.period_kind = 'quarter'
        and reported.measure = 'completed'
        and reported.volume_kind = 'flow'
),

known_cells as (
    {{ stated_quarter_cells_sql(
        'quarter_cells',
        ['moment_number', 'known_at', 'service_id', 'definition_id', 'measure', 'quarter_index']
    ) | indent(4) }}
),

cells as (
    select
        moment_number,
        known_at,
        service_id,
        definition_id,
        quarter_index,
        max(case when breakdown = 'digital' then transactions_count end) as digital_count,
        max(case when breakdown = 'total' then transactions_count end) as total_count
    from known_cells
    group by moment_number, known_at, service_id, definition_id, quarter_index
),

ranges as (
    select
        known_at,
        definition_id,
        min(quarter_index) as range_first,
        max(quarter_index) as range_last
    from cells
    where total_count is not null
    group by known_at, definition_id
),

offers as (
    select
        known_at,
        service_id,
        definition_id,
        {{ digital_offer('is_digital', 'is_other') }} as digital_offer
    from (
        select
            known_at,
            service_id,
            definition_id,
            {{ is_at_least_one_percent('digital_count', 'total_count') }} as is_digital,
            {{ is_at_least_one_percent('(total_count - digital_count)', 'total_count') }} as is_other
        from cells
        where digital_count <= total_count and total_count > 0
    ) as complete_quarters
    group by known_at, service_id, definition_id
),

register as (
    select
        service_id,
        kind
    from {{ stored('int_service_register') }}
),

owners as (
    select
        moments.known_at,
        listings.service_id,
        listings.current_department_id as department_id
    from moments
    inner join {{ stored('service_listings') }} as listings
        on
            moments.known_at >= listings.known_from
            and (listings.known_to is null or moments.known_at < listings.known_to)
    left join register
        on listings.service_id = register.service_id
    -- What nobody lists is shown nowhere.
    where
        {{ counts_at('moments.known_at', 'listings') }}
        and (listings.is_published or register.kind = 'service')
)

select
    cells.moment_number,
    cells.known_at,
    cells.service_id,
    cells.definition_id,
    cells.quarter_index,
    cells.digital_count,
    cells.total_count,
    owners.department_id,
    coalesce(offers.digital_offer, 'unknown') as digital_offer,
    ranges.range_first,
    ranges.range_last
from cells
inner join owners
    on
        cells.known_at = owners.known_at
        and cells.service_id = owners.service_id
inner join ranges
    on
        cells.known_at = ranges.known_at
        and cells.definition_id = ranges.definition_id
left join offers
    on
        cells.known_at = offers.known_at
        and cells.service_id = offers.service_id
        and cells.definition_id = offers.definition_id
where cells.digital_count <= cells.total_count
