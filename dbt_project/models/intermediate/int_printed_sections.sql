{#- The sections that each version of a report prints, as known at a moment.

    One row per document, department, kind and year. A digest speaks for its document until the
    document itself has landed, and the copy of a document that came last for those before it.
-#}
with

landed_documents as (
    select * from {{ known('int_landed_documents') }}
),

statements as (
    select *
    from {{ stored('int_report_statements') }}
    where {{ is_placed() }} and {{ said_by(moment()) }}
),

speaking as (
    select
        statements.*,
        row_number() over (
            partition by statements.event_source, statements.statement_id
            order by
                statements.known_at desc,
                statements.commit_version desc,
                statements.content_hash desc,
                statements.event_id desc
        ) as copy_number
    from statements
    left join landed_documents on statements.document = landed_documents.document
    where not statements.is_from_digest or landed_documents.document is null
),

sections as (
    select
        report,
        document,
        min(version_on) as version_on,
        min(action) as action,
        department_id,
        max(department_name) as department_name,
        section_kind,
        section_year,
        -- Two sections of one kind and year are shown together.
        {{ joined_texts('statement_text', ' ') }} as statement_text,
        min(line) as line,
        max(event_source) as event_source,
        {{ joined_texts('event_id', '|') }} as event_ids,
        max(status) as rule_status,
        bool_or(answers_plan) as rule_answers_plan,
        bool_or(is_from_digest) as is_from_digest,
        max(content_hash) as content_hash,
        max(known_at) as known_at
    from speaking
    where copy_number = 1
    group by report, document, department_id, section_kind, section_year
)

select
    *,
    -- By which a text is known to be the same: its words, whatever is between them.
    md5({{ slug('statement_text') }}) as text_hash
from sections
