{{
    config(
        materialized='incremental',
        incremental_strategy='append',
        on_schema_change='fail',
        tags='reads_log',
    )
}}

{#- New corrections ask the commits that hold the events that they name; those that wait from before
    ask only what is new in the log. An event that was found once is not looked for again. -#}
{%- set held = held_log_version() -%}
{%- set named_event -%}
        records.source as event_source,
        records.id as event_id,
        case records.type
            when 'uk.gov.takeup.transaction.started.v1' then 'started'
            when 'uk.gov.takeup.transaction.completed.v1' then 'completed'
            when 'uk.gov.takeup.transaction.voided.v1' then 'correction'
            when 'uk.gov.takeup.transaction.channel_corrected.v1' then 'correction'
            else 'other'
        end as event_kind,
        records.service_id,
        {{ london_month_start('records.time') }} as month_start,
        records.channel,
        records.assistance,
        records.assistance_provider,
        coalesce(records.online_extent, 'not_stated') as online_extent,
        records.outcome,
        records.recorded_at as known_at,
        records.commit_version
{%- endset %}
with

named as (
    select
        target_source,
        target_id,
        max(commit_version) as last_named_in
    from {{ ref('int_transaction_corrections') }}
    group by target_source, target_id
),

wanted as (
    select named.*
    from named
    {%- if is_incremental() %}
    left join {{ this }} as found
        on
            named.target_source = found.event_source
            and named.target_id = found.event_id
    where found.event_id is null
    {%- endif %}
),

named_lately as (
    select
        {{ named_event | trim }}
    from {{ log_records('event', commits=named_commits() if is_incremental() else none) }} as records
    inner join wanted
        on
            records.source = wanted.target_source
            and records.id = wanted.target_id
    where wanted.last_named_in > {{ held }}
)
{%- if is_incremental() %},

waited_for as (
    select
        {{ named_event | trim }}
    from {{ log_records('event', after=held) }} as records
    inner join wanted
        on
            records.source = wanted.target_source
            and records.id = wanted.target_id
    where wanted.last_named_in <= {{ held }}
)
{%- endif %}

select * from named_lately
{%- if is_incremental() %}
union all
select * from waited_for
{%- endif %}
