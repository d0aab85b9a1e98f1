with

figures as (
    select * from {{ ref('stg_events__figure_published') }}
),

listings as (
    select * from {{ ref('int_service_listings') }}
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

-- A passage that stands in two documents is one claim. Volumes have no passages: a publication
-- that is issued anew states its figures anew.
cited as (
    select
        *,
        coalesce(passage || '|' || metric || '|' || coalesce(subject, ''), figure_id) as claim_key,
        row_number() over (
            partition by coalesce(passage || '|' || metric || '|' || coalesce(subject, ''), figure_id)
            order by known_at, document, line, figure_id
        ) as citation_number
    from current_figures
),

citations as (
    select
        claim_key,
        count(*) as citations_count,
        {{ joined_texts("concat(document, ' line ', cast(line as " ~ dbt.type_string() ~ "))", '; ') }} as citations
    from cited
    group by claim_key
)

select
    figures.figure_id,
    figures.document,
    figures.line,
    citations.citations,
    citations.citations_count,
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
    figures.resolution,
    coalesce(figures.is_estimate, false) as is_estimate,
    figures.figure_text,
    figures.known_at,
    {{ is_simulated() }} as is_simulated
from cited as figures
inner join citations on figures.claim_key = citations.claim_key
-- The service as it was printed at the time, not as it is called now.
left join listings
    on
        figures.service_id = listings.service_id
        and figures.known_at >= listings.known_from
        and (listings.known_to is null or figures.known_at < listings.known_to)
where figures.citation_number = 1
