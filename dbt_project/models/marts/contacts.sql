{#- Contacts of a service by channel and reason, as known at a moment.

    One row per service, period, channel and reason for which there were any. They are held
    against the total of the take-up to quote.
-#}
with

months as (
    select
        service_id,
        {{ month_index('month_start') }} as month_index,
        channel,
        reason,
        max(case when is_avoidable then 1 else 0 end) as is_avoidable,
        sum(contacts_count) as contacts_count,
        max(known_at) as known_at
    from {{ stored('contact_counts') }}
    where known_at <= {{ moment() }}
    group by service_id, month_start, channel, reason
    having sum(contacts_count) > 0
),

counted as (
    {{ counts_of_periods_sql(
        'months', by=['channel', 'reason'], maxima=['is_avoidable'], sums=['contacts_count']
    ) | indent(4) }}
)

select
    counted.service_id,
    counted.period_kind,
    counted.period_start,
    counted.period_end,
    counted.channel,
    counted.reason,
    counted.is_avoidable = 1 as is_avoidable,
    cast(counted.contacts_count as bigint) as contacts_count,
    headline.total_count as transactions_count,
    counted.contacts_count / cast(nullif(headline.total_count, 0) as double) as contacts_per_transaction,
    counted.known_at,
    {{ is_simulated() }} as is_simulated
from counted
left join {{ known('take_up_headline') }} as headline
    on
        counted.service_id = headline.service_id
        and counted.period_kind = headline.period_kind
        and counted.period_start = headline.period_start
        and headline.measure = 'completed'
order by counted.service_id, counted.period_kind, counted.period_end, counted.channel, counted.reason
