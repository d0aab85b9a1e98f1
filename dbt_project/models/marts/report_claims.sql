{#- What reports state, apart from the figures of publications: a hundred beside some hundred thousand. -#}
with

claims as (
    select * from {{ ref('published_figures') }}
    where claim_kind is not null
),

reports as (
    select
        document,
        {{ london_date('published_at') }} as version
    from {{ ref('publications') }}
    where kind = 'report'
)

select
    figure_id,
    document,
    version,
    line,
    citations,
    citations_count,
    department_id,
    action,
    section,
    section_kind,
    section_year,
    service_id,
    subject,
    scope,
    metric,
    claim_kind,
    direction,
    period_kind,
    period_start,
    period_end,
    due_on,
    qualifier,
    value,
    unit,
    per,
    resolution,
    is_estimate,
    figure_text,
    is_from_digest,
    known_at,
    is_simulated
from claims
left join reports using (document)
order by document, line, figure_id
