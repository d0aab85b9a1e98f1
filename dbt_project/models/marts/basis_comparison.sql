{#- What events count against what was reported, wherever both are known.

    One row per service, period and breakdown: `total`, or a channel that sends events. Longer
    periods are compared in total only.
-#}
with

totals as (
    select
        service_id,
        period_kind,
        period_start,
        period_end,
        'total' as breakdown,
        max(case when basis = 'events' then total_count end) as events_count,
        max(case when basis = 'reported' then total_count end) as reported_count,
        max(case when basis = 'events' and is_authoritative then 1 else 0 end) as is_events
    from {{ ref('take_up') }}
    where measure = 'completed'
    group by service_id, period_kind, period_start, period_end
    having count(distinct basis) = 2
),

units as (
    select
        service_id,
        'month' as period_kind,
        {{ month_start('month_index') }} as period_start,
        last_day({{ month_start('month_index') }}) as period_end,
        channel as breakdown,
        basis,
        case when is_present = 1 then transactions_count end as transactions_count
    from {{ ref('int_channel_months') }}
    where measure = 'completed' and (basis = 'reported' or is_fed = 1)
    union all
    select
        service_id,
        'quarter' as period_kind,
        {{ quarter_start('quarter_index') }} as period_start,
        {{ quarter_end('quarter_index') }} as period_end,
        channel as breakdown,
        basis,
        case when is_present = 1 then transactions_count end as transactions_count
    from {{ ref('int_channel_quarters') }}
    where measure = 'completed' and (basis = 'reported' or is_fed = 1)
),

channels as (
    select
        service_id,
        period_kind,
        period_start,
        period_end,
        breakdown,
        max(case when basis = 'events' then transactions_count end) as events_count,
        max(case when basis = 'reported' then transactions_count end) as reported_count
    from units
    group by service_id, period_kind, period_start, period_end, breakdown
    having count(distinct basis) = 2
),

authorities as (
    select
        channels.service_id,
        channels.breakdown,
        channels.period_kind,
        channels.period_start,
        max({{ events_are_authoritative('registered', 'channels.period_start') }}) as is_events
    from channels
    inner join {{ ref('mart_service_channels') }} as registered
        on
            channels.service_id = registered.service_id
            and channels.breakdown = registered.channel
            and {{ channel_is_expected('registered', 'channels.period_start') }}
    group by channels.service_id, channels.breakdown, channels.period_kind, channels.period_start
),

compared as (
    select * from totals
    union all
    select
        channels.*,
        coalesce(authorities.is_events, 0) as is_events
    from channels
    left join authorities
        on
            channels.service_id = authorities.service_id
            and channels.breakdown = authorities.breakdown
            and channels.period_kind = authorities.period_kind
            and channels.period_start = authorities.period_start
)

select
    service_id,
    period_kind,
    period_start,
    period_end,
    breakdown,
    events_count,
    reported_count,
    events_count - reported_count as difference_count,
    case
        when reported_count > 0 then (events_count - reported_count) / cast(reported_count as double)
    end as difference_ratio,
    case when is_events = 1 then 'events' else 'reported' end as authoritative_basis,
    {{ is_simulated() }} as is_simulated
from compared
order by service_id, breakdown, period_kind, period_end
