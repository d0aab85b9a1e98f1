{#- What users say held them back, from feedback known at a moment.

    One row per service, period, channel and barrier that anybody named. `feedback` is the
    relation of feedback_counts.
-#}
{% macro barriers_sql(feedback, moment) %}
with

months as (
    select
        service_id,
        {{ month_index('month_start') }} as month_index,
        channel,
        barrier,
        sum(feedback_count) as feedback_count,
        max(known_at) as known_at
    from {{ feedback }}
    where known_at <= {{ moment }}
    group by service_id, month_start, channel, barrier
),

spans as (
    select
        service_id,
        min(month_index) as first_month,
        max(month_index) as last_month
    from months
    group by service_id
),

periods as (
    {{ periods_of_months_sql('spans') | indent(4) }}
),

counted as (
    select
        periods.service_id,
        periods.period_kind,
        periods.period_start,
        periods.period_end,
        months.channel,
        months.barrier,
        sum(months.feedback_count) as feedback_count,
        max(months.known_at) as known_at
    from periods
    inner join months
        on
            periods.service_id = months.service_id
            and periods.first_month <= months.month_index
            and periods.last_month >= months.month_index
    group by
        periods.service_id,
        periods.period_kind,
        periods.period_start,
        periods.period_end,
        months.channel,
        months.barrier
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
{% endmacro %}
