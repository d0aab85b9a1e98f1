{#- What reports state in figures, through the versions of each report as known at a moment: one row
    per figure of a version that is taken.

    A section's figures are held against those of the version before it that printed the section. One
    that is of the same thing (subject, service, metric, scope, period and so on) is the same claim:
    unchanged where its value is, else revised. So a claim has one row per version, and `claim_id`,
    the identity that the first of them gave it, throughout.
-#}
{%- set text = dbt.type_string() -%}
{%- set of_what = ["coalesce(printed.service_id, printed.subject, '')"] -%}
{%- for column in [
    'scope', 'metric', 'claim_kind', 'direction', 'period_start', 'period_end', 'due_on', 'unit', 'per',
] -%}
    {%- do of_what.append("coalesce(cast(printed." ~ column ~ " as " ~ text ~ "), '')") -%}
{%- endfor -%}
{%- set shown = [
    'report', 'document', 'version_on', 'version_number', 'section_key', 'is_placed', 'event_source',
    'figure_id', 'passage', 'line', 'department_id', 'action', 'section', 'section_kind', 'section_year',
    'service_id', 'subject', 'scope', 'metric', 'claim_kind', 'direction', 'period_kind', 'period_start',
    'period_end', 'due_on', 'qualifier', 'value', 'unit', 'per', 'resolution', 'is_estimate', 'figure_text',
    'is_from_digest', 'content_hash', 'known_at', 'statement_key',
] -%}
with recursive

versions as (
    select * from {{ known('int_report_versions') }}
    where is_taken
),

claims as (
    select
        printed.*,
        versions.version_number,
        concat(printed.event_source, '|', printed.figure_id) as statement_key,
        concat_ws('|', {{ of_what | join(', ') }}) as of_what
    from {{ known('int_printed_claims') }} as printed
    inner join versions on printed.document = versions.document
),

-- Which versions print a section. What is under no department's heading has no name that lasts: any
-- later version takes its place.
printings as (
    select
        sections.report,
        {{ section_key('sections.') }} as section_key,
        versions.version_number
    from {{ known('int_printed_sections') }} as sections
    inner join versions on sections.document = versions.document
    where sections.section_year is not null
    union
    select
        claims.report,
        claims.section_key,
        versions.version_number
    from claims
    inner join versions
        on
            claims.report = versions.report
            and (
                claims.version_number = versions.version_number
                or (claims.version_number < versions.version_number and not claims.is_placed)
            )
),

steps as (
    select
        *,
        row_number() over (partition by report, section_key order by version_number) as step,
        lead(version_number) over (partition by report, section_key order by version_number) is null as is_last
    from printings
),

placed as (
    select
        claims.*,
        steps.step,
        steps.is_last,
        row_number() over (
            partition by claims.document, claims.section_key, claims.of_what, claims.value
            order by claims.line, claims.figure_id
        ) as number_of_value
    from claims
    inner join steps
        on
            claims.report = steps.report
            and claims.section_key = steps.section_key
            and claims.version_number = steps.version_number
),

unchanged as (
    select
        earlier.statement_key as earlier_key,
        later.statement_key as later_key,
        true as is_unchanged
    from placed as later
    inner join placed as earlier
        on
            later.report = earlier.report
            and later.section_key = earlier.section_key
            and later.step - 1 = earlier.step
            and later.of_what = earlier.of_what
            and later.value is not distinct from earlier.value
            and later.number_of_value = earlier.number_of_value
),

-- What is left of the same thing on both sides was revised: one for one, in the order of the text.
changed as (
    select
        placed.*,
        'earlier' as side
    from placed
    left join unchanged on placed.statement_key = unchanged.earlier_key
    where unchanged.earlier_key is null and not placed.is_last
    union all
    select
        placed.*,
        'later' as side
    from placed
    left join unchanged on placed.statement_key = unchanged.later_key
    where unchanged.later_key is null and placed.step > 1
),

in_order as (
    select
        *,
        row_number() over (partition by side, document, section_key, of_what order by line, figure_id) as place_number
    from changed
),

followed as (
    select * from unchanged
    union all
    select
        earlier.statement_key as earlier_key,
        later.statement_key as later_key,
        false as is_unchanged
    from in_order as later
    inner join in_order as earlier
        on
            later.side = 'later'
            and earlier.side = 'earlier'
            and later.report = earlier.report
            and later.section_key = earlier.section_key
            and later.step - 1 = earlier.step
            and later.of_what = earlier.of_what
            and later.place_number = earlier.place_number
),

-- Each statement with the one that gave the claim its identity, and the first of the same value.
traced as (
    select
        placed.statement_key,
        placed.figure_id as claim_id,
        placed.statement_key as value_key,
        placed.known_at as value_known_at,
        cast(null as {{ text }}) as revised_key
    from placed
    left join followed on placed.statement_key = followed.later_key
    where followed.later_key is null
    union all
    select
        placed.statement_key,
        traced.claim_id,
        case when followed.is_unchanged then traced.value_key else placed.statement_key end as value_key,
        case when followed.is_unchanged then traced.value_known_at else placed.known_at end as value_known_at,
        case when not followed.is_unchanged then followed.earlier_key end as revised_key
    from traced
    inner join followed on traced.statement_key = followed.earlier_key
    inner join placed on followed.later_key = placed.statement_key
)

select
    placed.{{ shown | join(',\n    placed.') }},
    placed.is_last as is_current,
    traced.claim_id,
    traced.value_key,
    traced.value_known_at,
    traced.revised_key
from placed
inner join traced on placed.statement_key = traced.statement_key
