{#- Who owes which management information, and gives it: one row per measure and department. Every
    listed flow service owes each measure; it gives one that has a value in the last four quarters.
-#}
with

measures as (
    select * from {{ ref('management_measures') }}
),

services as (
    select * from {{ ref('mart_services') }}
    where
        is_listed
        and volume_kind = 'flow'
),

take_up as (
    select
        *,
        max({{ quarter_index('period_end') }}) over () - {{ quarter_index('period_end') }} as quarters_old
    from {{ ref('take_up_headline') }}
    where period_kind in ('month', 'quarter')
),

latest as (
    select max(period_end) as period_end from take_up
),

service_measures as (
    select
        measures_of_services.*,
        {{ quarter_index('latest.period_end') }} - {{ quarter_index('measures_of_services.period_end') }}
            as quarters_old
    from {{ ref('service_measures') }} as measures_of_services
    cross join latest
),

given as (
    select
        'transactions' as measure_id,
        service_id
    from take_up
    where quarters_old < 4 and total_count is not null
    union
    select
        'digital_take_up' as measure_id,
        service_id
    from take_up
    where quarters_old < 4 and take_up_ratio is not null
    union
    select
        'cost_per_transaction' as measure_id,
        service_id
    from service_measures
    where quarters_old < 4 and cost_per_transaction_gbp is not null
    union
    select
        'completion_rate' as measure_id,
        service_id
    from service_measures
    where quarters_old < 4 and completion_ratio is not null
    union
    select
        'user_satisfaction' as measure_id,
        service_id
    from service_measures
    where quarters_old < 4 and satisfaction_ratio is not null
)

select
    measures.measure_id,
    measures.measure,
    measures.unit,
    measures.owed_by,
    measures.owed_for,
    measures.held_in,
    services.department_id,
    max(services.department_name) as department_name,
    count(*) as services_owing,
    count(given.service_id) as services_giving,
    measures.source,
    {{ is_simulated() }} as is_simulated
from measures
cross join services
left join given
    on
        measures.measure_id = given.measure_id
        and services.service_id = given.service_id
group by
    measures.measure_id,
    measures.measure,
    measures.unit,
    measures.owed_by,
    measures.owed_for,
    measures.held_in,
    services.department_id,
    measures.source
order by measures.measure_id, services.department_id
