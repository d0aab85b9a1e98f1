{#- The services that the strategy asks to be redesigned: its text gives the rule (so many transactions a
    year) and no list, so the list is made of the volumes. One row per flow service whose latest year
    with a known total is above the threshold.
-#}
with

services as (
    select * from {{ ref('mart_services') }}
),

years as (
    select
        *,
        row_number() over (partition by service_id order by period_end desc) as precedence
    from {{ ref('take_up_headline') }}
    where
        period_kind = 'rolling_year'
        and total_count is not null
),

exemplars as (
    select * from {{ ref('promised_exemplars') }}
)

select
    services.service_id,
    services.service_name,
    services.department_id,
    services.department_name,
    years.period_start,
    years.period_end,
    years.total_count,
    years.digital_count,
    years.take_up_ratio,
    years.value_status,
    case
        when years.digital_count > 0 then 'offered'
        when years.digital_count = 0 then 'none'
        else 'unknown'
    end as digital_option,
    coalesce(services.is_exemplar, false) as is_exemplar,
    exemplars.phase as redesign_phase,
    exemplars.reached_on as redesigned_on,
    exemplars.says as redesign_says,
    exemplars.source as redesign_source,
    {{ is_simulated() }} as is_simulated
from services
inner join years
    on
        services.service_id = years.service_id
        and years.precedence = 1
left join exemplars on services.service_id = exemplars.service_id
where
    services.volume_kind = 'flow'
    and years.total_count > {{ var('strategy')['large_service'] }}
order by years.total_count desc, services.service_id asc
