{#- The sections of reports through time, as known at a moment: one row per version of a section.

    A later version of a report takes the place of the earlier one from its date on, section by
    section. What it no longer prints stays as the last version said it. A version that is held
    has its rows, and takes nobody's place.
-#}
with

sections as (
    select
        printed.*,
        versions.version_number,
        versions.is_taken,
        versions.is_held
    from {{ known('int_printed_sections') }} as printed
    inner join {{ known('int_report_versions') }} as versions on printed.document = versions.document
),

followed as (
    select
        *,
        lead(known_at) over (
            partition by report, department_id, section_kind, section_year, is_taken
            order by version_number
        ) as next_known_at
    from sections
)

select
    report,
    document,
    version_on,
    version_number,
    action,
    department_id,
    department_name,
    section_kind,
    section_year,
    statement_text,
    text_hash,
    line,
    event_source,
    event_ids,
    rule_status,
    rule_answers_plan,
    is_from_digest,
    known_at as known_from,
    case when is_taken then next_known_at end as known_to,
    is_taken,
    is_held,
    is_taken and next_known_at is null as is_current
from followed
