{#- What reports state, apart from the figures of publications: a hundred beside some hundred thousand. -#}
with

claims as (
    select * from {{ ref('published_figures') }}
    where claim_kind is not null
),

reports as (
    select
        document,
        {{ london_date('published_at') }} as published_on
    from {{ ref('publications') }}
    where kind = 'report'
)

select
    claims.figure_id,
    claims.document,
    reports.published_on as version,
    claims.line,
    claims.citations,
    claims.citations_count,
    claims.department_id,
    claims.action,
    claims.section,
    claims.section_kind,
    claims.section_year,
    claims.service_id,
    claims.subject_id,
    claims.subject,
    claims.scope,
    claims.metric,
    claims.claim_kind,
    claims.direction,
    claims.period_kind,
    claims.period_start,
    claims.period_end,
    claims.due_on,
    claims.qualifier,
    claims.value,
    claims.unit,
    claims.per,
    claims.resolution,
    claims.is_estimate,
    claims.figure_text,
    claims.is_from_digest,
    claims.known_at,
    claims.is_simulated
from claims
left join reports
    on claims.document = reports.document
order by claims.document, claims.line, claims.figure_id
