with

counted as (
    {{ known_transactions_sql(
        ref('transaction_counts'), ref('transaction_adjustments'), run_moment()
    ) | indent(4) }}
),

digital_channels as (
    select channel
    from {{ ref('channel_classes') }}
    where
        definition_id = '{{ var("assisted_digital")["definition_id"] }}'
        and class = 'digital'
),

by_help as (
    select
        counted.service_id,
        {{ quarter_index('counted.month_start') }} as quarter_index,
        counted.assistance,
        coalesce(
            counted.assistance_provider,
            case when counted.assistance = 'none' then 'nobody' else 'not_stated' end
        ) as assistance_provider,
        cast(sum(counted.transactions_count) as bigint) as transactions_count
    from counted
    inner join digital_channels on counted.channel = digital_channels.channel
    where counted.measure = 'completed'
    group by
        counted.service_id,
        quarter_index,
        counted.assistance,
        assistance_provider
),

shared_out as (
    select
        *,
        cast(sum(transactions_count) over (partition by service_id, quarter_index) as bigint) as digital_count
    from by_help
)

select
    service_id,
    {{ quarter_start('quarter_index') }} as period_start,
    {{ quarter_end('quarter_index') }} as period_end,
    assistance,
    assistance_provider,
    transactions_count,
    digital_count,
    case when digital_count > 0 then transactions_count / cast(digital_count as double) end as share_ratio,
    {{ is_simulated() }} as is_simulated
from shared_out
where transactions_count <> 0
order by service_id, period_start, assistance, assistance_provider
