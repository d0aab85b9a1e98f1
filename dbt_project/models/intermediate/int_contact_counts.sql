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

contacts as (
    select
        commit_version,
        recorded_at as known_at,
        service_id,
        {{ london_month_start('time') }} as month_start,
        channel,
        {{ json_record('data', {'reason': 'varchar'}) }} as body
    from {{ log_records('event', after=held_log_version()) }} as records
    where type = 'uk.gov.takeup.contact.received.v1'
),

read as (
    select
        contacts.commit_version,
        contacts.known_at,
        contacts.service_id,
        contacts.month_start,
        contacts.channel,
        contacts.body.reason as reason
    from contacts
)

select
    commit_version,
    known_at,
    service_id,
    month_start,
    channel,
    reason,
    count(*) as contacts_count
from read
group by commit_version, known_at, service_id, month_start, channel, reason
