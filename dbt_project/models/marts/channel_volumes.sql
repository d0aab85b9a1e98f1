{#- Completed transactions per channel, as known at a moment.

    One row per service, period, channel and basis. A year is made of four quarters; one that lacks any in which the register expects the channel has no count.
-#}
with

quarter_cells as (
    select * from {{ known('int_channel_quarters') }}
    where measure = 'completed'
),

series as (
    select
        basis,
        service_id,
        max(volume_kind) as volume_kind,
        min(quarter_index) as first_index,
        max(quarter_index) as last_index
    from quarter_cells
    where is_shown = 1
    group by basis, service_id
),

series_channels as (
    select distinct
        basis,
        service_id,
        channel
    from quarter_cells
),

series_quarters as (
    select
        basis,
        service_id,
        volume_kind,
        first_index,
        {{ explode_integers('first_index', 'last_index') }} as quarter_index
    from series
),

every_quarter as (
    select
        series_quarters.basis,
        series_quarters.service_id,
        series_quarters.volume_kind,
        series_quarters.quarter_index,
        series_quarters.quarter_index - series_quarters.first_index as quarters_before,
        series_channels.channel,
        case when quarter_cells.is_part = 0 then 1 else 0 end as is_ruled_out,
        case when quarter_cells.value_status = 'withheld' then 1 else 0 end as is_withheld,
        coalesce(quarter_cells.is_part, 0) as is_part,
        coalesce(quarter_cells.is_present, 0) as is_present,
        case when quarter_cells.is_present = 1 then quarter_cells.transactions_count end as transactions_count
    from series_quarters
    inner join series_channels
        on
            series_quarters.basis = series_channels.basis
            and series_quarters.service_id = series_channels.service_id
    left join quarter_cells
        on
            series_quarters.basis = quarter_cells.basis
            and series_quarters.service_id = quarter_cells.service_id
            and series_quarters.quarter_index = quarter_cells.quarter_index
            and series_channels.channel = quarter_cells.channel
),

{%- set last_four = last_four_quarters('basis, service_id, channel') %}

years as (
    select
        basis,
        service_id,
        volume_kind,
        quarter_index,
        quarters_before,
        channel,
        max(is_ruled_out) {{ last_four }} as is_ruled_out,
        max(is_withheld) {{ last_four }} as is_withheld,
        sum(is_part) {{ last_four }} as parts_expected,
        sum(is_present) {{ last_four }} as parts_present,
        sum(transactions_count) {{ last_four }} as transactions_sum
    from every_quarter
),

year_kinds as (
    {{ year_kinds_sql() | indent(4) }}
),

periods as (
    select
        basis,
        service_id,
        channel,
        'month' as period_kind,
        {{ month_start('month_index') }} as period_start,
        last_day({{ month_start('month_index') }}) as period_end,
        transactions_count,
        value_status
    from {{ known('int_channel_months') }}
    where measure = 'completed' and is_shown = 1
    union all
    select
        basis,
        service_id,
        channel,
        'quarter' as period_kind,
        {{ quarter_start('quarter_index') }} as period_start,
        {{ quarter_end('quarter_index') }} as period_end,
        transactions_count,
        value_status
    from quarter_cells
    where is_shown = 1
    union all
    select
        years.basis,
        years.service_id,
        years.channel,
        year_kinds.period_kind,
        {{ quarter_start('years.quarter_index - 3') }} as period_start,
        {{ quarter_end('years.quarter_index') }} as period_end,
        case
            when years.parts_present < years.parts_expected then null
            when years.volume_kind = 'stock' then round(years.transactions_sum / cast(years.parts_present as double))
            else years.transactions_sum
        end as transactions_count,
        case
            when years.parts_expected = 0 then 'not_applicable'
            when years.is_withheld = 1 then 'withheld'
            when years.parts_present = years.parts_expected then 'provided'
            when years.parts_present = 0 then 'not_provided'
            else 'incomplete'
        end as value_status
    from years
    inner join year_kinds
        on {{ is_year_of_kind('year_kinds.period_kind', 'years.quarter_index') }}
    where years.quarters_before >= 3 and (years.parts_expected > 0 or years.is_ruled_out = 1)
),

reported_services as (
    {{ reported_services() }}
),

-- The register's word on each channel on the first day of a period; where it has none, reports, and
-- where nothing was ever reported, events.
authorities as (
    select
        first_days.service_id,
        first_days.channel,
        first_days.period_start,
        max({{ events_are_authoritative('registered', 'first_days.period_start') }}) as is_events
    from (
        select distinct
            service_id,
            channel,
            period_start
        from periods
    ) as first_days
    inner join {{ stored('mart_service_channels') }} as registered
        on
            first_days.service_id = registered.service_id
            and first_days.channel = registered.channel
            and {{ channel_is_expected('registered', 'first_days.period_start') }}
    group by first_days.service_id, first_days.channel, first_days.period_start
)

select
    periods.service_id,
    periods.period_kind,
    periods.period_start,
    periods.period_end,
    periods.channel,
    cast(periods.transactions_count as bigint) as transactions_count,
    periods.value_status,
    periods.basis,
    case when reported_services.service_id is null or authorities.is_events = 1 then 'events' else 'reported' end
    = periods.basis as is_authoritative,
    {{ is_simulated() }} as is_simulated
from periods
left join authorities
    on
        periods.service_id = authorities.service_id
        and periods.channel = authorities.channel
        and periods.period_start = authorities.period_start
left join reported_services
    on periods.service_id = reported_services.service_id
order by periods.service_id, periods.basis, periods.channel, periods.period_kind, periods.period_end
