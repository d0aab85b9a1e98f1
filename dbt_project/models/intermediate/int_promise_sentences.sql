{#- The sentences of the sections that hold at a moment, and the promises that they make: one row per
    sentence and part of it. -#}
with

sections as (
    select
        *,
        {{ section_key() }} as section
    from {{ known('int_report_sections') }}
    where is_current
)

select
    sections.report,
    sections.document,
    sections.action,
    sections.department_id,
    sections.section,
    sections.section_kind,
    sections.section_year,
    sections.event_source,
    sentences.event_id,
    sections.is_from_digest,
    sections.known_from,
    sentences.sentence,
    sentences.part,
    coalesce(sentences.line, sections.line) as line,
    sentences.passage,
    sentences.says,
    sentences.sentence_text,
    sentences.service_id,
    sentences.is_checkable,
    sentences.due_on,
    sentences.due_text,
    sentences.place,
    sentences.partners,
    sentences.since,
    sentences.until
from sections
-- A section of a digest, or of a log from before sentences were read, has none.
left join {{ stored('int_report_sentences') }} as sentences
    on
        sections.event_source = sentences.event_source
        -- A document that prints a section twice has an event for each.
        and concat('|', sections.event_ids, '|') like concat('%|', sentences.event_id, '|%')
