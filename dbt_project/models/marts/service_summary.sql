{#- What everybody joins by hand: a service with its names, its latest measured take-up and how old that
    is, the latest year, where it moved, what is promised of it, what it costs, and how far to doubt it.
-#}
with

measured as (
    select
        *,
        row_number() over (
            partition by service_id, case when period_kind = 'rolling_year' then 'year' else 'latest' end
            order by period_end desc, case period_kind when 'quarter' then 0 else 1 end asc
        ) as precedence
    from {{ ref('take_up_headline') }}
    where value_status = 'complete' and period_kind in ('month', 'quarter', 'rolling_year')
),

latest as (
    select
        *,
        max({{ quarter_index('period_end') }}) over () - {{ quarter_index('period_end') }} as quarters_old
    from measured
    where precedence = 1 and period_kind <> 'rolling_year'
),

years as (
    select * from measured
    where precedence = 1 and period_kind = 'rolling_year'
),

last_quarter as (
    select max(period_end) as period_end
    from {{ ref('unmeasured_services') }}
),

unmeasured as (
    select
        statuses.service_id,
        min(statuses.status) as status
    from {{ ref('unmeasured_services') }} as statuses
    inner join last_quarter
        on statuses.period_end = last_quarter.period_end
    group by statuses.service_id
),

offline as (
    select
        *,
        row_number() over (partition by service_id order by period_end desc) as precedence
    from {{ ref('offline_volumes') }}
    where period_kind = 'rolling_year'
),

targets as (
    select
        service_id,
        {{ joined_texts("concat(target_id, ': ', verdict, ', latest ', latest_says)", "; ") }} as targets
    from {{ ref('target_attainment') }}
    where service_id is not null
    group by service_id
),

costs as (
    select
        service_id,
        period_end,
        cost_per_transaction_gbp,
        row_number() over (partition by service_id order by period_end desc, period_start asc) as precedence
    from {{ ref('service_measures') }}
    where cost_per_transaction_gbp is not null
),

doubts as (
    select
        warnings.service_id,
        count(*) as doubts_count,
        sum(case when warnings.period_end = latest.period_end then 1 else 0 end) as latest_doubts_count,
        max(
            case when warnings.period_end = latest.period_end then abs(warnings.service_effect_pp) end
        ) as latest_doubt_pp
    from {{ ref('data_quality') }} as warnings
    left join latest
        on warnings.service_id = latest.service_id
    where warnings.service_id is not null
    group by warnings.service_id
)

select
    services.service_id,
    services.service_name,
    services.department_id,
    services.department_name,
    services.organisation_id,
    services.organisation_name,
    services.volume_kind,
    services.is_listed,
    services.is_exemplar,
    latest.period_kind as latest_period_kind,
    latest.period_start as latest_period_start,
    latest.period_end as latest_period_end,
    latest.digital_count as latest_digital_count,
    latest.total_count as latest_total_count,
    latest.take_up_ratio as latest_ratio,
    latest.definition_id,
    latest.basis,
    cast(latest.quarters_old as bigint) as quarters_old,
    unmeasured.status as unmeasured_status,
    shift.shift_pp_year,
    years.period_end as year_end,
    years.take_up_ratio as year_ratio,
    offline.period_end as offline_year_end,
    offline.offline_count,
    offline.offline_share,
    offline.offers_digital,
    targets.targets,
    costs.period_end as cost_period_end,
    costs.cost_per_transaction_gbp,
    cast(coalesce(doubts.doubts_count, 0) as bigint) as doubts_count,
    cast(coalesce(doubts.latest_doubts_count, 0) as bigint) as latest_doubts_count,
    doubts.latest_doubt_pp,
    services.is_simulated
from {{ ref('mart_services') }} as services
left join latest
    on services.service_id = latest.service_id
left join years
    on services.service_id = years.service_id
left join unmeasured
    on services.service_id = unmeasured.service_id
left join {{ ref('channel_shift') }} as shift
    on
        latest.service_id = shift.service_id
        and latest.period_kind = shift.period_kind
        and latest.period_start = shift.period_start
        and latest.definition_id = shift.definition_id
        and latest.measure = shift.measure
        and latest.basis = shift.basis
left join offline
    on
        services.service_id = offline.service_id
        and offline.precedence = 1
left join targets
    on services.service_id = targets.service_id
left join costs
    on
        services.service_id = costs.service_id
        and costs.precedence = 1
left join doubts
    on services.service_id = doubts.service_id
order by services.service_id
