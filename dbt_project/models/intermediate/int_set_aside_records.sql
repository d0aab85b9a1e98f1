{{
    config(
        materialized='incremental',
        incremental_strategy='append',
        on_schema_change='fail',
        tags='reads_log',
    )
}}

{#- New set-asides ask the commits that hold what they name; those from before ask only what is new in
    the log. A record that was found once is not looked for again. Set-asides themselves can't be set
    aside. -#}
{%- set held = held_log_version() -%}
{%- set named_record -%}
        records.source as event_source,
        records.id as event_id,
        records.type as event_type,
        records.service_id,
        {{ london_month_start('records.time') }} as month_start,
        records.channel,
        records.assistance,
        records.assistance_provider,
        coalesce(records.online_extent, 'not_stated') as online_extent,
        records.outcome,
        records.data,
        case
            -- What happened is known when it is recorded; what is published, when that was.
            when
                records.type like 'uk.gov.takeup.transaction.%'
                or records.type in ('uk.gov.takeup.feedback.given.v1', 'uk.gov.takeup.contact.received.v1')
                then records.recorded_at
            else coalesce(records.published_at, records.recorded_at)
        end as known_at,
        records.file_hash as content_hash,
        records.commit_version
{%- endset %}
with

targets as (
    select
        target_hash,
        target_source,
        target_id,
        max(commit_version) as last_named_in
    from {{ ref('int_set_asides') }}
    group by target_hash, target_source, target_id
),

found as (
    {%- for is_named in [
        'records.file_hash = targets.target_hash',
        'records.source = targets.target_source and records.id = targets.target_id',
    ] %}
        {%- if not loop.first %}
            union
        {%- endif %}
        select
            {{ named_record | trim }}
        from {{ log_records('event', commits=named_commits() if is_incremental() else none) }} as records
        inner join targets
            on {{ is_named }} and targets.last_named_in > {{ held }}
        where records.type not like 'uk.gov.takeup.record.%'
        {%- if is_incremental() %}
            union
            select
                {{ named_record | trim }}
            from {{ log_records('event', after=held) }} as records
            inner join targets
                on {{ is_named }} and targets.last_named_in <= {{ held }}
            where records.type not like 'uk.gov.takeup.record.%'
        {%- endif %}
    {%- endfor %}
)

select found.*
from found
{%- if is_incremental() %}
left join {{ this }} as known_already
    on
        found.event_source = known_already.event_source
        and found.event_id = known_already.event_id
where known_already.event_id is null
{%- endif %}
