{{ config(schema='as_of') }}
{#- What was taken of input files, and is worth knowing beside the figures that came of it: the
    ledger's flags, weeks and days, which are in no table, and cells that could not be read.
-#}
{%- set text = dbt.type_string() -%}
{%- set remarks = {
    'unread_column': 'a column that speaks of figures is not understood and was not read',
    'looks_like_total': 'a row that may be the sum of others is counted beside them',
    'similar_slugs': 'identifiers that differ in what is hardly seen are counted beside each other',
    'other_department': 'a return for a service that the register gives to another department',
    'other_name': 'a return whose service_name is not that of its service_id',
    'incomplete': 'the file ends inside a record',
    'no_manifest': 'nothing beside the file says that it is whole',
    'no_records': 'the file holds no records',
} -%}
{%- set in_words = [] -%}
{%- for flag, words in remarks.items() -%}
    {%- do in_words.append("when '" ~ flag ~ "' then '" ~ words ~ "'") -%}
{%- endfor -%}
with

files as (
    select
        content_hash,
        name,
        recorded_at,
        {{ explode_texts('flags') }} as flag
    from {{ ref('stg_log__files') }}
    where state = 'ingested'
),

names as (
    select distinct
        content_hash,
        name
    from {{ ref('stg_log__files') }}
    where state = 'ingested'
),

volumes as (
    select
        content_hash,
        service_id,
        -- Without case, hyphens and what can't be seen: as slugs are compared that look alike.
        replace({{ slug('service_id') }}, '-', '') as folded_id,
        min(known_at) as known_at,
        sum(case when period_kind = 'week' then 1 else 0 end) as weeks_count,
        sum(case when period_kind = 'day' then 1 else 0 end) as days_count
    from {{ ref('stg_events__volume_reported') }}
    group by content_hash, service_id
),

-- A file's remarks are as old as what it says, not as its arrival.
moments as (
    select
        content_hash,
        min(known_at) as known_at
    from volumes
    group by content_hash
),

kinds as (
    select
        content_hash,
        name,
        recorded_at,
        split_part(flag, ': ', 1) as check_id,
        case when flag like '%: %' then substring(flag, length(split_part(flag, ': ', 1)) + 3) end as about
    from files
),

parts as (
    select
        *,
        case
            when check_id = 'looks_like_total' then split_part(about, ', ', 2)
            else split_part(about, ' in row', 1)
        end as subject,
        replace({{ slug("split_part(about, ' in row', 1)") }}, '-', '') as folded_subject
    from kinds
),

flagged as (
    select
        parts.check_id,
        volumes.service_id,
        parts.name as input,
        concat(
            case parts.check_id
                {{ in_words | join("\n                ") }}
            end,
            case when parts.about is null then '' else concat(': ', parts.about) end
        ) as what,
        coalesce(moments.known_at, parts.recorded_at) as known_at
    from parts
    left join moments
        on parts.content_hash = moments.content_hash
    left join volumes
        on
            parts.content_hash = volumes.content_hash
            and (
                parts.subject = volumes.service_id
                or (parts.check_id = 'similar_slugs' and parts.folded_subject = volumes.folded_id)
            )
    where parts.check_id in ('{{ remarks | join("', '") }}')
),

-- Weeks and days by service, which the flag of the file doesn't tell.
short_periods as (
    select
        'weekly_or_daily' as check_id,
        volumes.service_id,
        names.name as input,
        concat(
            'weekly (', cast(volumes.weeks_count as {{ text }}),
            ') and daily (', cast(volumes.days_count as {{ text }}),
            ') figures are kept, and in no table: a week makes no period'
        ) as what,
        volumes.known_at
    from volumes
    inner join names
        on volumes.content_hash = names.content_hash
    where volumes.weeks_count + volumes.days_count > 0
),

unreadable as (
    select
        'unreadable_cell' as check_id,
        cells.service_id,
        names.name as input,
        concat(
            'cells that somebody meant numbers by can''t be read; what was known of their figures stays: ',
            {{ joined_texts('cells.detail', '; ') }}
        ) as what,
        min(cells.known_at) as known_at
    from {{ ref('stg_log__unreadable_cells') }} as cells
    inner join names
        on cells.content_hash = names.content_hash
    group by cells.content_hash, cells.service_id, names.name
)

select
    check_id,
    service_id,
    {{ joined_texts('what', '; ') }} as what,
    input,
    min(known_at) as known_at
from (
    select * from flagged
    union all
    select * from short_periods
    union all
    select * from unreadable
) as remarks
group by check_id, service_id, input
