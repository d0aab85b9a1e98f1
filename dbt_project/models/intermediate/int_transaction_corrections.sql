{{
    config(
        materialized='incremental',
        incremental_strategy='delete+insert',
        unique_key='commit_version',
        on_schema_change='fail',
        tags='reads_log',
    )
}}

select
    source as event_source,
    id as event_id,
    case type
        when 'uk.gov.takeup.transaction.voided.v1' then 'voided'
        else 'channel_corrected'
    end as correction,
    time as occurred_at,
    target_source,
    target_id,
    channel,
    assistance,
    recorded_at as known_at,
    commit_version
from {{ log_records('event', after=held_log_version()) }} as records
where type in ('uk.gov.takeup.transaction.voided.v1', 'uk.gov.takeup.transaction.channel_corrected.v1')
