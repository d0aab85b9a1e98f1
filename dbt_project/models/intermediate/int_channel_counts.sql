{#- What was counted or reported of a channel in a month, before the register is asked what it should
    have been. A zero for a quarter is a zero for each of its months.
-#}
with

known_transactions as (
    {{ known_transactions_sql(stored('transaction_counts'), stored('transaction_adjustments'), moment()) | indent(4) }}
),

event_months as (
    select
        service_id,
        {{ month_index('month_start') }} as month_index,
        channel,
        cast(sum(transactions_count) as bigint) as events_count,
        min(known_at) as first_known_at,
        max(known_at) as known_at
    from known_transactions
    where measure = 'completed'
    group by service_id, month_start, channel
    -- Where set-asides leave nothing, it is as if nothing had come: not even a zero.
    having sum(transactions_count) <> 0 or sum(set_aside_count) = 0
),

event_services as (
    select
        service_id,
        min(month_index) as first_month
    from event_months
    group by service_id
),

-- What was reported of services that send events. A zero for a quarter is a zero for each of its
-- months.
stand_ins as (
    select
        reported_months.service_id,
        reported_months.channel,
        reported_months.month_index,
        max(reported_months.transactions_count) as reported_count,
        min(reported_months.known_at) as first_known_at,
        max(reported_months.known_at) as known_at
    from (
        select
            service_id,
            channel,
            first_month as month_index,
            transactions_count,
            known_at
        from {{ known('int_reported_channels') }}
        where period_kind = 'month' and measure = 'completed' and transactions_count is not null
        union all
        select
            service_id,
            channel,
            {{ explode_integers('first_month', 'first_month + 2') }} as month_index,
            transactions_count,
            known_at
        from {{ known('int_reported_channels') }}
        where period_kind = 'quarter' and measure = 'completed' and transactions_count = 0
    ) as reported_months
    inner join event_services
        on
            reported_months.service_id = event_services.service_id
            and reported_months.month_index >= event_services.first_month
    group by reported_months.service_id, reported_months.channel, reported_months.month_index
),

given_months as (
    select
        'events' as basis,
        'completed' as measure,
        service_id,
        month_index,
        channel,
        events_count,
        cast(null as bigint) as reported_count,
        0 as is_withdrawn,
        0 as is_withheld,
        'flow' as volume_kind,
        first_known_at,
        known_at
    from event_months
    union all
    select
        'events' as basis,
        'completed' as measure,
        service_id,
        month_index,
        channel,
        cast(null as bigint) as events_count,
        reported_count,
        0 as is_withdrawn,
        0 as is_withheld,
        'flow' as volume_kind,
        first_known_at,
        known_at
    from stand_ins
    union all
    select
        'reported' as basis,
        measure,
        service_id,
        first_month as month_index,
        channel,
        cast(null as bigint) as events_count,
        transactions_count as reported_count,
        is_withdrawn,
        is_withheld,
        volume_kind,
        known_at as first_known_at,
        known_at
    from {{ known('int_reported_channels') }}
    where period_kind = 'month'
)

select * from given_months
