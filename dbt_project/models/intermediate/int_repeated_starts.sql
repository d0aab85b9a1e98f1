{{
    config(
        materialized='incremental',
        incremental_strategy='append',
        on_schema_change='fail',
        tags='reads_log',
    )
}}

{#- What may have been started before is found by hashes, then read whole, from the commits that
    hold it, and compared as it is. -#}
{%- set held = held_log_version() -%}
{%- set holding_commits -%}
    select distinct started.commit_version
    from {{ ref('int_start_hashes') }} as started
    inner join {{ ref('int_start_hashes') }} as new_starts
        on started.transaction_hash = new_starts.transaction_hash
    where new_starts.commit_version > {{ held }}
{%- endset -%}
with

repeated_hashes as (
    select transaction_hash
    from {{ ref('int_start_hashes') }}
    where commit_version > {{ held }}
    group by transaction_hash
    having count(*) > 1
    union
    -- The new ones are asked for once more: as a CTE of both DuckDB does not let it pass over most
    -- of the old ones early.
    select started.transaction_hash
    from {{ ref('int_start_hashes') }} as started
    inner join {{ ref('int_start_hashes') }} as new_starts
        on started.transaction_hash = new_starts.transaction_hash
    where
        started.commit_version <= {{ held }}
        and new_starts.commit_version > {{ held }}
),

starts as (
    select
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
    from {{ log_records(
        'event',
        types=['uk.gov.takeup.transaction.started.v1'],
        commits=holding_commits if held >= 0 else none,
    ) }} as records
    where
        type = 'uk.gov.takeup.transaction.started.v1'
        and transaction_id is not null
),

namesakes as (
    select starts.*
    from starts
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
