{#- What each channel of a service counted in each quarter, as known at a moment; columns as those
    of int_channel_months, with quarters for months.

    On the basis `reported` a quarter's own count goes before the sum of its months. On the basis
    `events` it stands in for a channel that sends no events in that quarter and lacks a month. A sum needs every
    month in which the register expects the channel; a caseload is not the sum of its months.
-#}
with

month_sums as (
    select
        basis,
        measure,
        service_id,
        cast(floor(month_index / 3.0) as bigint) as quarter_index,
        channel,
        max(is_part) as is_part,
        min(case when is_part = 1 then is_present end) as are_months_present,
        sum(transactions_count) as transactions_count,
        sum(events_count) as events_count,
        max(case when value_status = 'withdrawn' then 1 else 0 end) as is_withdrawn,
        max(case when value_status = 'withheld' then 1 else 0 end) as is_withheld,
        max(is_fed) as is_fed,
        max(is_registered) as is_registered,
        max(is_shown) as is_shown,
        max(volume_kind) as volume_kind,
        min(first_known_at) as first_known_at,
        max(known_at) as known_at
    from {{ known('int_channel_months') }}
    group by basis, measure, service_id, floor(month_index / 3.0), channel
),

event_services as (
    select
        service_id,
        min(quarter_index) as first_quarter,
        max(quarter_index) as last_quarter
    from month_sums
    where basis = 'events'
    group by service_id
),

own_counts as (
    select
        'reported' as basis,
        measure,
        service_id,
        cast(floor(first_month / 3.0) as bigint) as quarter_index,
        channel,
        transactions_count,
        is_withdrawn,
        is_withheld,
        volume_kind,
        known_at
    from {{ known('int_reported_channels') }}
    where period_kind = 'quarter'
    union all
    select
        'events' as basis,
        'completed' as measure,
        reported.service_id,
        cast(floor(reported.first_month / 3.0) as bigint) as quarter_index,
        reported.channel,
        reported.transactions_count,
        reported.is_withdrawn,
        reported.is_withheld,
        'flow' as volume_kind,
        reported.known_at
    from {{ known('int_reported_channels') }} as reported
    inner join event_services
        on
            reported.service_id = event_services.service_id
            and floor(reported.first_month / 3.0) between event_services.first_quarter and event_services.last_quarter
    where
        reported.period_kind = 'quarter'
        and reported.measure = 'completed'
        and reported.transactions_count is not null
),

keys as (
    select
        basis,
        measure,
        service_id,
        quarter_index,
        channel
    from month_sums
    union
    select
        basis,
        measure,
        service_id,
        quarter_index,
        channel
    from own_counts
),

joined as (
    select
        keys.basis,
        keys.measure,
        keys.service_id,
        keys.quarter_index,
        keys.channel,
        coalesce(month_sums.is_part, 1) as is_part,
        case
            when month_sums.is_part = 0 then null
            when keys.basis = 'reported'
                then coalesce(
                    own_counts.transactions_count,
                    case
                        when month_sums.are_months_present = 1 and month_sums.volume_kind = 'flow'
                            then month_sums.transactions_count
                    end
                )
            when month_sums.are_months_present = 1 then month_sums.transactions_count
            when coalesce(month_sums.is_fed, 0) = 0 then own_counts.transactions_count
        end as transactions_count,
        month_sums.transactions_count as months_count,
        month_sums.events_count,
        greatest(coalesce(month_sums.is_withdrawn, 0), coalesce(own_counts.is_withdrawn, 0)) as is_withdrawn,
        greatest(coalesce(month_sums.is_withheld, 0), coalesce(own_counts.is_withheld, 0)) as is_withheld,
        coalesce(month_sums.is_fed, 0) as is_fed,
        case
            when keys.basis = 'events' and keys.quarter_index * 3 + 2 >= {{ month_index(london_date(moment())) }} then 0
            else 1
        end as is_over,
        coalesce(month_sums.is_registered, 0) as is_channel_registered,
        case when own_counts.basis is null then month_sums.is_shown else 1 end as is_channel_shown,
        coalesce(month_sums.volume_kind, own_counts.volume_kind) as volume_kind,
        least(month_sums.first_known_at, own_counts.known_at) as first_known_at,
        case
            when keys.basis = 'reported' and own_counts.transactions_count is not null then own_counts.known_at
            else greatest(month_sums.known_at, own_counts.known_at)
        end as known_at
    from keys
    left join month_sums
        on
            keys.basis = month_sums.basis
            and keys.measure = month_sums.measure
            and keys.service_id = month_sums.service_id
            and keys.quarter_index = month_sums.quarter_index
            and keys.channel = month_sums.channel
    left join own_counts
        on
            keys.basis = own_counts.basis
            and keys.measure = own_counts.measure
            and keys.service_id = own_counts.service_id
            and keys.quarter_index = own_counts.quarter_index
            and keys.channel = own_counts.channel
)

select
    basis,
    measure,
    service_id,
    quarter_index,
    channel,
    is_part,
    case when is_over = 1 and transactions_count is not null then 1 else 0 end as is_present,
    cast(transactions_count as bigint) as transactions_count,
    cast(events_count as bigint) as events_count,
    case
        when is_part = 0 then 'not_applicable'
        when transactions_count is null and is_withdrawn = 1 then 'withdrawn'
        when transactions_count is null and is_withheld = 1 then 'withheld'
        when transactions_count is not null then 'provided'
        when months_count is not null then 'incomplete'
        else 'not_provided'
    end as value_status,
    is_fed,
    is_over,
    max(is_channel_registered) over ({{ service_unit('joined', 'quarter_index') }}) as is_registered,
    max(is_channel_shown) over ({{ service_unit('joined', 'quarter_index') }}) as is_shown,
    volume_kind,
    first_known_at,
    known_at
from joined
