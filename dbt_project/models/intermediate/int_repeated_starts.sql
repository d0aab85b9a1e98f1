{{
    config(
        materialized='incremental',
        incremental_strategy='append',
        on_schema_change='fail',
    )
}}

{#- New starts ask the whole log whether their transaction was started before. They are found by a
    hash and then compared as they are. -#}
{%- set held = held_log_version() -%}
{%- set start -%}
        source as event_source,
        id as event_id,
        service_id,
        transaction_id,
        {{ hash_of(['service_id', 'transaction_id']) }} as transaction_hash,
        channel,
        {{ london_month_start('time') }} as month_start,
        time as occurred_at,
        recorded_at as known_at,
        commit_version
{%- endset %}
with

new_starts as (
    select
        {{ start | trim }}
    from {{ log_records('event', after=held) }} as records
    where
        type = 'uk.gov.takeup.transaction.started.v1'
        and transaction_id is not null
),

new_hashes as (
    select
        transaction_hash,
        count(*) as starts_count
    from new_starts
    group by transaction_hash
),

old_starts as (
    select
        {{ start | trim }}
    from {{ log_records('event') }} as records
    where
        commit_version <= {{ held }}
        and type = 'uk.gov.takeup.transaction.started.v1'
        and transaction_id is not null
),

old_namesakes as (
    select old_starts.*
    from old_starts
    inner join new_hashes
        on old_starts.transaction_hash = new_hashes.transaction_hash
),

repeated_hashes as (
    select transaction_hash
    from new_hashes
    where starts_count > 1
    union
    select transaction_hash
    from old_namesakes
),

new_namesakes as (
    select new_starts.*
    from new_starts
    inner join repeated_hashes
        on new_starts.transaction_hash = repeated_hashes.transaction_hash
),

namesakes as (
    select * from old_namesakes
    union all
    select * from new_namesakes
),

counted as (
    select
        *,
        count(*) over (partition by service_id, transaction_id) as starts_count
    from namesakes
),

repeated as (
    select * from counted
    where starts_count > 1
),

wanted as (
    select repeated.*
    from repeated
    {%- if is_incremental() %}
    left join {{ this }} as found
        on
            repeated.event_source = found.event_source
            and repeated.event_id = found.event_id
    where found.event_id is null
    {%- endif %}
)

select
    event_source,
    event_id,
    service_id,
    transaction_id,
    channel,
    month_start,
    occurred_at,
    known_at,
    commit_version
from wanted
