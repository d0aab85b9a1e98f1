{#- The figures that publications and reports state, as known at a moment: of a report by the version
    that holds then. -#}
{%- set figure_columns = [
    'figure_id', 'document', 'line', 'department_id', 'action', 'section', 'section_kind', 'section_year', 'service_id',
    'subject_id', 'subject', 'scope', 'metric', 'claim_kind', 'direction', 'period_kind', 'period_start', 'period_end', 'due_on',
    'qualifier', 'value', 'unit', 'per', 'resolution', 'is_estimate', 'figure_text', 'is_from_digest', 'known_at',
] -%}
{%- set of_claims = {'figure_id': 'claim_id', 'known_at': 'value_known_at'} -%}
{%- set claim_columns = [] -%}
{%- for column in figure_columns -%}
    {%- do claim_columns.append('shown_claims.' ~ of_claims.get(column, column)) -%}
{%- endfor -%}
with

landed_documents as (
    select * from {{ known('int_landed_documents') }}
),

listings as (
    select * from {{ stored('service_listings') }}
    where {{ counts_at(moment()) }}
),

-- A publication that is issued anew states its figures anew; of a corrected copy the last counts.
publication_figures as (
    select
        figures.*,
        services.service_id,
        cast(null as bigint) as action,
        cast(null as {{ dbt.type_string() }}) as section_kind,
        cast(null as bigint) as section_year,
        cast(null as {{ dbt.type_string() }}) as claim_kind,
        row_number() over (
            partition by figures.event_source, figures.figure_id
            order by figures.copy_number desc
        ) as number_from_last
    from {{ stored('int_publication_figures') }} as figures
    left join {{ known('int_service_ids') }} as services on figures.subject_id = services.service_id
    left join landed_documents on figures.document = landed_documents.document
    where
        {{ said_by(moment(), 'figures') }}
        and (not figures.is_from_digest or landed_documents.document is null)
),

statements as (
    select * from {{ known('int_claim_subjects') }}
),

identities as (
    select distinct claim_id from {{ known('int_claim_identities') }}
),

report_claims as (
    select * from statements
    where is_current
),

-- What several versions of a report, or two reports, state is one claim: each of them is a citation.
cited as (
    select distinct
        report_claims.claim_key,
        statements.document,
        statements.line,
        statements.statement_key
    from report_claims
    inner join statements on report_claims.value_key = statements.value_key
),

citations as (
    select
        claim_key,
        {{ joined_texts("concat(document, ' line ', cast(line as " ~ dbt.type_string() ~ "))", '; ') }} as citations,
        count(*) as citations_count
    from cited
    group by claim_key
),

-- Each is shown under one of its identities.
shown_claims as (
    select report_claims.*
    from report_claims
    inner join identities on report_claims.claim_id = identities.claim_id
),

figures as (
    select
        {{ figure_columns | join(',\n        ') }},
        concat(document, ' line ', cast(line as {{ dbt.type_string() }})) as citations,
        1 as citations_count
    from publication_figures
    where number_from_last = 1
    union all
    select
        {{ claim_columns | join(',\n        ') }},
        citations.citations,
        citations.citations_count
    from shown_claims
    inner join citations on shown_claims.claim_key = citations.claim_key
)

select
    figures.figure_id,
    figures.document,
    figures.line,
    figures.citations,
    cast(figures.citations_count as bigint) as citations_count,
    coalesce(figures.department_id, listings.department_id) as department_id,
    figures.action,
    figures.section,
    figures.section_kind,
    figures.section_year,
    figures.service_id,
    figures.subject_id,
    coalesce(figures.subject, listings.service_name) as subject,
    figures.scope,
    figures.metric,
    figures.claim_kind,
    figures.direction,
    figures.period_kind,
    figures.period_start,
    figures.period_end,
    figures.due_on,
    figures.qualifier,
    figures.value,
    figures.unit,
    figures.per,
    figures.resolution,
    coalesce(figures.is_estimate, false) as is_estimate,
    figures.figure_text,
    coalesce(figures.is_from_digest, false) as is_from_digest,
    figures.known_at,
    {{ is_simulated() }} as is_simulated
from figures
-- The service or programme as it was printed at the time, not as it is called now.
left join listings
    on
        figures.subject_id = listings.service_id
        and figures.known_at >= listings.known_from
        -- Not with `or`: that would hold every figure against every listing.
        and figures.known_at < coalesce(listings.known_to, {{ moment_literal('9999-12-31T00:00:00Z') }})
