{{
    config(
        materialized='incremental',
        incremental_strategy='delete+insert',
        unique_key='commit_version',
        on_schema_change='fail',
        tags='reads_log',
    )
}}

{#- A row per night and not per transaction, so that a year of nights is added up in no time. -#}
with

transactions as (
    select
        commit_version,
        recorded_at as known_at,
        service_id,
        case type
            when 'uk.gov.takeup.transaction.completed.v1' then 'completed'
            else 'started'
        end as measure,
        {{ london_month_start('time') }} as month_start,
        channel,
        assistance,
        assistance_provider,
        coalesce(online_extent, 'not_stated') as online_extent,
        outcome
    from {{ log_records('event', after=held_log_version()) }} as records
    where type in ('uk.gov.takeup.transaction.started.v1', 'uk.gov.takeup.transaction.completed.v1')
)

select
    commit_version,
    known_at,
    service_id,
    measure,
    month_start,
    channel,
    assistance,
    assistance_provider,
    online_extent,
    outcome,
    count(*) as transactions_count,
    {{ is_simulated() }} as is_simulated
from transactions
group by
    commit_version,
    known_at,
    service_id,
    measure,
    month_start,
    channel,
    assistance,
    assistance_provider,
    online_extent,
    outcome
