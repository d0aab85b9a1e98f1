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

feedback as (
    select
        commit_version,
        recorded_at as known_at,
        service_id,
        {{ london_month_start('time') }} as month_start,
        channel,
        {{ json_record('data', {'rating': 'bigint', 'barrier': 'varchar'}) }} as body
    from {{ log_records('event', after=held_log_version()) }} as records
    where type = 'uk.gov.takeup.feedback.given.v1'
),

read as (
    select
        commit_version,
        known_at,
        service_id,
        month_start,
        channel,
        body.rating as rating,
        body.barrier as barrier
    from feedback
)

select
    commit_version,
    known_at,
    service_id,
    month_start,
    channel,
    rating,
    barrier,
    count(*) as feedback_count
from read
group by commit_version, known_at, service_id, month_start, channel, rating, barrier
