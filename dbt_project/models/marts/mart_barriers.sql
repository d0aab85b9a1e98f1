{{ config(alias='barriers') }}

{#- What users say held them back, from feedback known at a moment.

    One row per service, period, channel and barrier that anybody named. Its model is
    named apart from the register `barriers`.
-#}
with

months as (
    select
        service_id,
        {{ month_index('month_start') }} as month_index,
        channel,
        barrier,
        sum(feedback_count) as feedback_count,
        max(known_at) as known_at
    from {{ stored('feedback_counts') }}
    where known_at <= {{ moment() }}
    group by service_id, month_start, channel, barrier
    having sum(feedback_count) > 0
),

counted as (
    {{ counts_of_periods_sql('months', by=['channel', 'barrier'], sums=['feedback_count']) | indent(4) }}
),

-- Who named nothing belongs to those who were asked.
shared as (
    select
        *,
        sum(feedback_count) over (
            partition by service_id, period_kind, period_start, channel
        ) as all_feedback_count
    from counted
)

select
    service_id,
    period_kind,
    period_start,
    period_end,
    channel,
    barrier,
    cast(feedback_count as bigint) as feedback_count,
    cast(all_feedback_count as bigint) as all_feedback_count,
    feedback_count / cast(all_feedback_count as double) as feedback_ratio,
    known_at,
    {{ is_simulated() }} as is_simulated
from shared
where barrier is not null
order by service_id, period_kind, period_end, channel, barrier
