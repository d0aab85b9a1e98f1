{#- The publisher's own figures of the standard measures, which come without parts. -#}
with

stated as (
    select
        *,
        row_number() over (
            partition by service_id, metric, period_start, period_end
            order by known_at desc, document desc, line desc
        ) as number_from_last
    from {{ stored('published_figures') }}
    where
        metric in ('completion_rate', 'user_satisfaction', 'cost_per_transaction', 'digital_cost_per_transaction')
        and qualifier = 'exact'
        and value is not null
        and service_id is not null
        and {{ month_index('period_end') }} - {{ month_index('period_start') }} = 11
        and known_at <= {{ moment() }}
),

from_figures as (
    select
        service_id,
        'rolling_year' as period_kind,
        period_start,
        period_end,
        max(case when metric = 'completion_rate' then value end) as completion_ratio,
        max(case when metric = 'user_satisfaction' then value end) as satisfaction_ratio,
        max(case when metric = 'cost_per_transaction' then value end) as cost_per_transaction_gbp,
        max(case when metric = 'digital_cost_per_transaction' then value end) as digital_cost_per_transaction_gbp,
        max(known_at) as known_at
    from stated
    where number_from_last = 1
    group by service_id, period_start, period_end
)

select * from from_figures
