{#- Transactions started and completed through the channels whose starts are recorded. -#}
with

known_transactions as (
    {{ known_transactions_sql(stored('transaction_counts'), stored('transaction_adjustments'), moment()) | indent(4) }}
),

started as (
    select
        service_id,
        {{ month_index('month_start') }} as month_index,
        channel,
        sum(transactions_count) as started_count,
        max(known_at) as known_at
    from (
        select
            service_id,
            month_start,
            channel,
            transactions_count,
            known_at
        from known_transactions
        where measure = 'started'
        union all
        select
            service_id,
            month_start,
            channel,
            transactions_count,
            known_at
        from {{ stored('start_adjustments') }}
        where known_at <= {{ moment() }}
    ) as start_counts
    group by service_id, month_start, channel
),

-- A user found not eligible has completed the transaction from 12 August 2015; before that only
-- who got what was intended.
completed as (
    select
        service_id,
        {{ month_index('month_start') }} as month_index,
        channel,
        sum(transactions_count) as completed_count,
        max(known_at) as known_at
    from (
        select
            service_id,
            month_start,
            channel,
            transactions_count,
            known_at
        from known_transactions
        where measure = 'completed' and (outcome = 'intended' or month_start >= date '2015-08-01')
        union all
        select
            service_id,
            month_start,
            channel,
            -transactions_count as transactions_count,
            known_at
        from {{ stored('completion_exclusions') }}
        where known_at <= {{ moment() }}
    ) as completion_counts
    group by service_id, month_start, channel
),

-- Only channels whose starts are recorded: a completion by post would count against no start.
completion_months as (
    select
        started.service_id,
        started.month_index,
        sum(started.started_count) as started_count,
        coalesce(sum(completed.completed_count), 0) as completed_count,
        -- The month that the moment falls in is not over, and so is not a part yet.
        max(
            case when started.month_index < {{ month_index(london_date(moment())) }} then 1 else 0 end
        ) as months_present,
        greatest(max(started.known_at), max(completed.known_at)) as known_at
    from started
    left join completed
        on
            started.service_id = completed.service_id
            and started.month_index = completed.month_index
            and started.channel = completed.channel
    where started.started_count > 0
    group by started.service_id, started.month_index
),

completions as (
    {{ counts_of_periods_sql(
        'completion_months', sums=['months_present', 'started_count', 'completed_count']
    ) | indent(4) }}
)

select * from completions
