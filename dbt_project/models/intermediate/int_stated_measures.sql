{#- The publisher's own figures of the standard measures, as known at a moment: of each the last one. -#}
with

ranked as (
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
)

select
    service_id,
    'rolling_year' as period_kind,
    period_start,
    period_end,
    -- By the columns of service_measures.
    case metric
        when 'completion_rate' then 'completion_ratio'
        when 'user_satisfaction' then 'satisfaction_ratio'
        else concat(metric, '_gbp')
    end as quantity,
    value,
    document as input,
    known_at
from ranked
where number_from_last = 1
