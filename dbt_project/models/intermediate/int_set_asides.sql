{{
    config(
        materialized='incremental',
        incremental_strategy='delete+insert',
        unique_key='commit_version',
        on_schema_change='fail',
        tags='reads_log',
    )
}}

with

events as (
    select
        *,
        {{ json_record('data', event_fields('uk.gov.takeup.record.set_aside.v1')) }} as body
    from {{ log_records('event', after=held_log_version()) }} as records
    where type in ('uk.gov.takeup.record.set_aside.v1', 'uk.gov.takeup.record.restored.v1')
)

select
    source as event_source,
    id as event_id,
    case type
        when 'uk.gov.takeup.record.restored.v1' then 'restored'
        else 'set_aside'
    end as change_kind,
    time as occurred_at,
    {{ dbt.concat([
        "coalesce(body.content_hash, '')", "'|'", "coalesce(body.source, '')", "'|'", "coalesce(body.id, '')"
    ]) }} as target_key,
    body.content_hash as target_hash,
    body.source as target_source,
    body.id as target_id,
    body.role,
    body.reason,
    recorded_at as known_at,
    commit_version
from events
