{{ config(schema='as_of') }}
{#- What producers stated of cells of which not all said the same, or one said two things in one
    moment: which of it is shown is the rule of `reported_cells`, and is told.
-#}
{%- set cell_columns = [
    "service_id", "definition_id", "measure", "breakdown", "period_kind", "period_start", "period_end"
] -%}
{%- set cell = cell_columns | join(", ") -%}
{%- set stretch = cell ~ ", counts_from, counts_to" -%}
with

dated as (
    {{ dated_reports() }}
),

counting as (
    {{ counting_rows_sql('dated', cell_columns) | indent(4) }}
),

files as (
    select
        content_hash,
        min(name) as name
    from {{ ref('stg_log__files') }}
    where state = 'ingested'
    group by content_hash
),

named as (
    select
        counting.*,
        files.name as input
    from counting
    left join files
        on counting.content_hash = files.content_hash
),

counts as (
    select
        {{ stretch | replace(", ", ",\n        ") }},
        event_source,
        known_at as known_from,
        transactions_count,
        min(input) as input
    from named
    group by {{ stretch }}, event_source, known_at, transactions_count
),

statements as (
    select
        {{ stretch | replace(", ", ",\n        ") }},
        event_source,
        known_from,
        min(transactions_count) as lowest_count,
        max(transactions_count) as highest_count,
        min_by(input, transactions_count) as lowest_input,
        max_by(input, transactions_count) as highest_input
    from counts
    group by {{ stretch }}, event_source, known_from
),

compared as (
    select
        *,
        lead(known_from) over (partition by {{ stretch }}, event_source order by known_from) as known_to,
        min(event_source) over (partition by {{ stretch }})
        <> max(event_source) over (partition by {{ stretch }}) as has_several_sources,
        min(coalesce(lowest_count, -1)) over (partition by {{ stretch }})
        <> max(coalesce(highest_count, -1)) over (partition by {{ stretch }}) as has_several_counts
    from statements
)

select
    {{ stretch | replace(", ", ",\n    ") }},
    event_source,
    lowest_count,
    lowest_input,
    highest_count,
    highest_input,
    known_from,
    known_to
from compared
where (has_several_sources and has_several_counts) or lowest_count < highest_count
