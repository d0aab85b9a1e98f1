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
recorded_channels as (
    select
        service_id,
        channel,
        min(month_index) as recorded_from
    from started
    where started_count > 0
    group by service_id, channel
),

-- A month without a start is no month without a completion: what began in another month, or was
-- corrected to another channel, is completed all the same.
counted as (
    select
        service_id,
        month_index,
        started_count,
        0 as completed_count,
        known_at
    from started
    union all
    select
        completed.service_id,
        completed.month_index,
        0 as started_count,
        completed.completed_count,
        completed.known_at
    from completed
    inner join recorded_channels
        on
            completed.service_id = recorded_channels.service_id
            and completed.channel = recorded_channels.channel
            and completed.month_index >= recorded_channels.recorded_from
),

completion_months as (
    select
        service_id,
        month_index,
        sum(started_count) as started_count,
        sum(completed_count) as completed_count,
        -- The month that the moment falls in is not over, and so is not a part yet.
        max(case when month_index < {{ month_index(london_date(moment())) }} then 1 else 0 end) as months_present,
        max(known_at) as known_at
    from counted
    group by service_id, month_index
    having sum(started_count) > 0
),

completions as (
    {{ counts_of_periods_sql(
        'completion_months', sums=['months_present', 'started_count', 'completed_count']
    ) | indent(4) }}
)

select * from completions
