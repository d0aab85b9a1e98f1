{#- What departments committed to, planned and say they did, by the version of each report that holds
    at the moment. -#}
with

sections as (
    select * from {{ known('int_report_sections') }}
    where is_current
),

-- What any department of a report reports on, every department of it is asked for.
bodies as (
    select
        report,
        max_by(document, version_number) as document,
        min(action) as action,
        department_id,
        max(department_name) as department_name,
        bool_or(is_from_digest) as is_from_digest,
        max(known_from) as known_at
    from sections
    group by report, department_id
),

years as (
    select
        report,
        section_year as reported_year,
        max(case when section_kind = 'progress' then 1 else 0 end) = 1 as has_progress,
        max(case when section_kind = 'plan' then 1 else 0 end) = 1 as has_plan
    from sections
    where section_kind in ('progress', 'plan') and section_year is not null
    group by report, section_year
),

commitments as (
    select
        report,
        department_id,
        {{ joined_texts('statement_text', ' ') }} as commitment,
        min(line) as line,
        min(document) as document,
        max(section_year) as committed_year
    from sections
    where section_kind = 'commitment'
    group by report, department_id
),

-- A review holds for the document that it was made of, and for every other version of its report
-- that prints the same words.
reviews as (
    select
        sections.document,
        sections.department_id,
        sections.section_year,
        reviews.status,
        reviews.answers_plan,
        reviews.says,
        row_number() over (
            partition by sections.document, sections.department_id, sections.section_year
            order by
                case when sections.document = reviews.document then 0 else 1 end,
                reviews.document desc
        ) as review_number
    from sections
    inner join {{ stored('int_commitment_reviews') }} as reviews
        on
            sections.report = reviews.report
            and sections.department_id = reviews.department_id
            and sections.section_year = reviews.reported_year
            and (sections.document = reviews.document or sections.text_hash = reviews.text_hash)
    where sections.section_kind = 'progress'
),

entries as (
    select
        bodies.report,
        coalesce(progress.document, planned_sections.document, bodies.document) as document,
        bodies.action,
        bodies.department_id,
        bodies.department_name,
        years.reported_year,
        years.has_progress,
        years.has_plan,
        commitments.commitment,
        commitments.committed_year,
        commitments.document as commitment_document,
        commitments.line as commitment_line,
        planned_sections.statement_text as planned,
        planned_sections.document as planned_document,
        planned_sections.line as planned_line,
        progress.statement_text as progress,
        progress.line as progress_line,
        progress.text_hash as progress_hash,
        progress.rule_status,
        progress.rule_answers_plan,
        progress.department_id is not null as has_entry,
        planned_sections.department_id is not null as has_planned,
        reviews.status as reviewed_status,
        reviews.answers_plan as reviewed_answers_plan,
        reviews.says as progress_in_short,
        bodies.is_from_digest,
        bodies.known_at
    from bodies
    inner join years on bodies.report = years.report
    left join commitments
        on
            bodies.report = commitments.report
            and bodies.department_id = commitments.department_id
    left join sections as planned_sections
        on
            bodies.report = planned_sections.report
            and bodies.department_id = planned_sections.department_id
            and years.reported_year = planned_sections.section_year
            and planned_sections.section_kind = 'plan'
    left join sections as progress
        on
            bodies.report = progress.report
            and bodies.department_id = progress.department_id
            and years.reported_year = progress.section_year
            and progress.section_kind = 'progress'
    left join reviews
        on
            progress.document = reviews.document
            and progress.department_id = reviews.department_id
            and progress.section_year = reviews.section_year
            and reviews.review_number = 1
)

select
    report,
    document,
    action,
    department_id,
    department_name,
    reported_year,
    committed_year,
    commitment,
    commitment_document,
    commitment_line,
    planned,
    planned_document,
    planned_line,
    progress,
    progress_line,
    progress_hash,
    progress_in_short,
    case
        when not has_progress then null
        when not has_entry then 'no_entry'
        else coalesce(reviewed_status, rule_status)
    end as status,
    case
        when not has_progress or not has_entry then null
        when reviewed_status is not null then 'reviewed'
        else 'rule'
    end as status_basis,
    case
        when has_entry and has_planned then coalesce(reviewed_answers_plan, rule_answers_plan)
        when has_planned and has_progress then false
    end as answers_plan,
    coalesce(is_from_digest, false) as is_from_digest,
    known_at,
    {{ is_simulated() }} as is_simulated
from entries
order by action, department_id, reported_year, report
