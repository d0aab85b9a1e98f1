{#- Figures that a later version of a report states otherwise, as known at a moment: one row per claim
    and version that changed it. -#}
{%- set text = dbt.type_string() -%}
with

claims as (
    select * from {{ known('int_claim_subjects') }}
),

-- A version that adds a year's plans or progress is a scheduled one: these papers append.
first_printed as (
    select
        report,
        section_kind,
        section_year,
        min(version_number) as version_number
    from {{ known('int_report_sections') }}
    where is_taken
    group by report, section_kind, section_year
),

scheduled as (
    select distinct
        report,
        version_number
    from first_printed
),

files as (
    select
        content_hash,
        min(name) as name
    from {{ stored('ingest_ledger') }}
    where state = 'ingested'
    group by content_hash
)

select
    later.service_id,
    later.subject_id,
    later.period_kind,
    later.period_start,
    later.period_end,
    cast(null as {{ text }}) as definition_id,
    concat('stated_', later.metric) as quantity,
    earlier.value as old_value,
    later.value as new_value,
    earlier.value_known_at as old_known_at,
    later.value_known_at as new_known_at,
    case when scheduled.report is null then 'between_releases' else 'with_scheduled_release' end as timing,
    cast(null as {{ text }}) as cause,
    cast(null as {{ text }}) as cause_source,
    {{ relative_size('earlier.value', 'later.value') }} as relative_size,
    cast(null as double) as effect_pp,
    files.name as input,
    later.claim_id as figure_id,
    earlier.document as old_document,
    earlier.line as old_line,
    later.document as new_document,
    later.line as new_line,
    {{ is_simulated() }} as is_simulated
from claims as later
inner join claims as earlier on later.revised_key = earlier.statement_key
left join scheduled
    on
        later.report = scheduled.report
        and later.version_number = scheduled.version_number
left join files on later.content_hash = files.content_hash
where later.value is distinct from earlier.value
