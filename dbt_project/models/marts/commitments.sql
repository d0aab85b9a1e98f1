with

landed_documents as (
    select * from {{ ref('int_landed_documents') }}
),

-- A digest speaks for its document until the document itself has landed.
statements as (
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
    from {{ ref('stg_events__statement_published') }} as statements
    left join landed_documents on statements.document = landed_documents.document
    -- What stands under no department's heading is nobody's commitment.
    where
        statements.section_kind in ('commitment', 'progress', 'plan')
        and statements.department_id is not null
        and statements.set_aside_at is null
        and (statements.is_from_digest is not true or landed_documents.document is null)
),

sections as (
    select
        document,
        min(action) as action,
        department_id,
        section_kind,
        section_year,
        -- Two sections of one kind and year are shown together.
        {{ joined_texts('statement_text', ' ') }} as statement_text,
        min(line) as line,
        max(department_name) as department_name,
        max(status) as rule_status,
        bool_or(answers_plan) as rule_answers_plan,
        bool_or(is_from_digest) as is_from_digest,
        max(known_at) as known_at
    from statements
    where copy_number = 1
    group by document, department_id, section_kind, section_year
),

-- What any department of a document reports on, every department of it is asked for.
bodies as (
    select
        document,
        min(action) as action,
        department_id,
        max(department_name) as department_name,
        bool_or(is_from_digest) as is_from_digest,
        max(known_at) as known_at
    from sections
    group by document, department_id
),

years as (
    select
        document,
        section_year as reported_year,
        max(case when section_kind = 'progress' then 1 else 0 end) = 1 as has_progress,
        max(case when section_kind = 'plan' then 1 else 0 end) = 1 as has_plan
    from sections
    where section_kind in ('progress', 'plan') and section_year is not null
    group by document, section_year
),

commitments as (
    select
        document,
        department_id,
        {{ joined_texts('statement_text', ' ') }} as commitment,
        min(line) as line,
        max(section_year) as committed_year
    from sections
    where section_kind = 'commitment'
    group by document, department_id
),

entries as (
    select
        bodies.document,
        bodies.action,
        bodies.department_id,
        bodies.department_name,
        years.reported_year,
        years.has_progress,
        years.has_plan,
        commitments.commitment,
        commitments.committed_year,
        commitments.line as commitment_line,
        planned_sections.statement_text as planned,
        planned_sections.line as planned_line,
        progress.statement_text as progress,
        progress.line as progress_line,
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
    inner join years on bodies.document = years.document
    left join commitments
        on
            bodies.document = commitments.document
            and bodies.department_id = commitments.department_id
    left join sections as planned_sections
        on
            bodies.document = planned_sections.document
            and bodies.department_id = planned_sections.department_id
            and years.reported_year = planned_sections.section_year
            and planned_sections.section_kind = 'plan'
    left join sections as progress
        on
            bodies.document = progress.document
            and bodies.department_id = progress.department_id
            and years.reported_year = progress.section_year
            and progress.section_kind = 'progress'
    left join {{ ref('commitment_reviews') }} as reviews
        on
            progress.document = reviews.document
            and progress.department_id = reviews.department_id
            and progress.section_year = reviews.year
)

select
    document,
    action,
    department_id,
    department_name,
    reported_year,
    committed_year,
    commitment,
    commitment_line,
    planned,
    planned_line,
    progress,
    progress_line,
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
order by action, department_id, reported_year, document
