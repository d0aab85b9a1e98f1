{{
    config(
        materialized='incremental',
        incremental_strategy='delete+insert',
        unique_key='commit_version',
        on_schema_change='fail',
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
),

reasons as (
    select
        reason,
        cast(is_avoidable as boolean) as is_avoidable
    from {{ ref('contact_reasons') }}
)

select
    read.commit_version,
    read.known_at,
    read.service_id,
    read.month_start,
    read.channel,
    read.reason,
    coalesce(reasons.is_avoidable, false) as is_avoidable,
    count(*) as contacts_count,
    {{ is_simulated() }} as is_simulated
from read
left join reasons
    on read.reason = reasons.reason
group by
    read.commit_version,
    read.known_at,
    read.service_id,
    read.month_start,
    read.channel,
    read.reason,
    coalesce(reasons.is_avoidable, false)
