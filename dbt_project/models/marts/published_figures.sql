with

landed_documents as (
    select * from {{ ref('int_landed_documents') }}
),

-- A digest speaks for its document until the document itself has landed.
figures as (
    select figures.*
    from {{ ref('stg_events__figure_published') }} as figures
    left join landed_documents on figures.document = landed_documents.document
    where
        figures.set_aside_at is null
        and (figures.is_from_digest is not true or landed_documents.document is null)
),

listings as (
    select * from {{ ref('service_listings') }}
    where {{ counts_at(run_moment()) }}
),

-- A corrected copy of a document states the same claims anew: the copy that came last counts.
ranked as (
    select
        *,
        row_number() over (
            partition by event_source, figure_id
            order by known_at desc, commit_version desc, content_hash desc, event_id desc
        ) as copy_number
    from figures
),

current_figures as (
    select * from ranked
    where copy_number = 1
),

-- A passage that is in two documents is one claim. Volumes have no passages: a publication
-- that is issued anew states its figures anew.
keyed as (
    select
        *,
        coalesce(passage || '|' || metric || '|' || coalesce(subject, ''), figure_id) as claim_key,
        concat(document, ' line ', cast(line as {{ dbt.type_string() }})) as citation
    from current_figures
),

cited as (
    select
        *,
        row_number() over (partition by claim_key order by known_at, document, line, figure_id) as citation_number,
        count(*) over (partition by claim_key) as citations_count
    from keyed
),

-- Nearly all claims have one citation: only the others need to be put together.
citations as (
    select
        claim_key,
        {{ joined_texts('citation', '; ') }} as citations
    from cited
    where citations_count > 1
    group by claim_key
)

select
    figures.figure_id,
    figures.document,
    figures.line,
    coalesce(citations.citations, figures.citation) as citations,
    figures.citations_count,
    coalesce(figures.department_id, listings.department_id) as department_id,
    figures.action,
    coalesce(figures.section, figures.place) as section,
    figures.section_kind,
    figures.section_year,
    figures.service_id,
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
from cited as figures
left join citations on figures.claim_key = citations.claim_key
-- The service as it was printed at the time, not as it is called now.
left join listings
    on
        figures.service_id = listings.service_id
        and figures.known_at >= listings.known_from
        -- Not with `or`: that would hold every figure against every listing.
        and figures.known_at < coalesce(listings.known_to, {{ moment_literal('9999-12-31T00:00:00Z') }})
where figures.citation_number = 1
