{{
    config(
        materialized='incremental',
        incremental_strategy='append',
        on_schema_change='fail',
    )
}}

{#- New starts ask the whole log whether their transaction was started before: by a hash, and of
    the log only what it is made of. What is found is read whole, from the commits that hold it,
    and compared as it is. -#}
{%- set held = held_log_version() -%}
{%- set transaction_hash = hash_of(['service_id', 'transaction_id']) -%}
{%- set is_start -%}
        type = 'uk.gov.takeup.transaction.started.v1'
        and transaction_id is not null
{%- endset %}
with

new_hashes as (
    select
        {{ transaction_hash }} as transaction_hash,
        commit_version,
        count(*) as starts_count
    from {{ log_records('event', after=held) }} as records
    where
        {{ is_start | trim }}
    group by {{ transaction_hash }}, commit_version
),

old_hashes as (
    select
        {{ transaction_hash }} as transaction_hash,
        commit_version
    from {{ log_records('event') }} as records
    where
        commit_version <= {{ held }}
        and {{ is_start | trim }}
),

found_before as (
    select distinct
        old_hashes.transaction_hash,
        old_hashes.commit_version
    from old_hashes
    inner join new_hashes
        on old_hashes.transaction_hash = new_hashes.transaction_hash
),

repeated_hashes as (
    select transaction_hash
    from new_hashes
    group by transaction_hash
    having sum(starts_count) > 1
    union
    select transaction_hash
    from found_before
),

holding_commits as (
    select commit_version
    from found_before
    union
    select commit_version
    from new_hashes
),

starts as (
    select
        source as event_source,
        id as event_id,
        service_id,
        transaction_id,
        {{ transaction_hash }} as transaction_hash,
        channel,
        {{ london_month_start('time') }} as month_start,
        time as occurred_at,
        recorded_at as known_at,
        commit_version
    from {{ log_records('event') }} as records
    where
        {{ is_start | trim }}
),

namesakes as (
    select starts.*
    from starts
    inner join holding_commits
        on starts.commit_version = holding_commits.commit_version
    inner join repeated_hashes
        on starts.transaction_hash = repeated_hashes.transaction_hash
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
