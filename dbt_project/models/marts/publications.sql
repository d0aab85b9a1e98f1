{#- What was published, and what each publication changed. A publication of volumes is what one source
    lists at one moment, a report is a document; neither is tied to how many files it came in.
-#}
with

landed_documents as (
    select * from {{ ref('int_landed_documents') }}
),

cells as (
    select
        event_source,
        period_kind,
        period_start,
        period_end,
        known_from,
        transactions_count,
        lag(transactions_count) over (
            partition by service_id, definition_id, measure, breakdown, period_kind, period_start
            order by known_from
        ) as previous_count
    from {{ ref('reported_cells') }}
    where {{ counts_at(moment()) }}
),

changes as (
    select
        event_source,
        known_from as published_at,
        sum(case when transactions_count is not null and previous_count is null then 1 else 0 end) as brought_count,
        sum(case when transactions_count <> previous_count then 1 else 0 end) as restated_count,
        sum(case when transactions_count is null and previous_count is not null then 1 else 0 end) as withdrawn_count
    from cells
    group by event_source, known_from
),

first_given as (
    select
        event_source,
        period_kind,
        period_start,
        period_end,
        min(known_from) as published_at
    from cells
    group by event_source, period_kind, period_start, period_end
),

added_periods as (
    select
        event_source,
        published_at,
        min(period_start) as added_from,
        max(period_end) as added_to
    from first_given
    group by event_source, published_at
),

listings as (
    select
        event_source,
        known_at as published_at,
        min(content_hash) as content_hash,
        min(recorded_at) as recorded_at,
        count(distinct service_id) as services_count
    from {{ ref('stg_events__service_listed') }}
    where set_aside_at is null
    group by event_source, known_at
),

-- A digest speaks for its document until the document itself has landed.
figures as (
    select
        said.event_source,
        said.document,
        said.known_at,
        said.recorded_at,
        1 as is_claim
    from {{ ref('stg_events__figure_published') }} as said
    left join landed_documents
        on said.document = landed_documents.document
    where
        said.set_aside_at is null
        and (said.is_from_digest is not true or landed_documents.document is null)
),

claims as (
    select
        event_source,
        known_at as published_at,
        min(document) as document,
        count(*) as claims_count
    from figures
    group by event_source, known_at
),

-- What a document states beside no listing of services.
passages as (
    select
        figures.document,
        figures.event_source,
        figures.known_at,
        figures.recorded_at,
        figures.is_claim
    from figures
    left join listings
        on
            figures.event_source = listings.event_source
            and figures.known_at = listings.published_at
    where listings.event_source is null
    union all
    select
        said.document,
        said.event_source,
        said.known_at,
        said.recorded_at,
        0 as is_claim
    from {{ ref('stg_events__statement_published') }} as said
    left join landed_documents
        on said.document = landed_documents.document
    where
        said.set_aside_at is null
        and (said.is_from_digest is not true or landed_documents.document is null)
),

reports as (
    select
        document,
        min(event_source) as event_source,
        min(case when known_at <> recorded_at then known_at end) as published_at,
        min(recorded_at) as recorded_at,
        sum(is_claim) as claims_count,
        sum(1 - is_claim) as statements_count
    from passages
    group by document
),

files as (
    select
        content_hash,
        min(name) as name
    from {{ ref('stg_log__files') }}
    where state = 'ingested'
    group by content_hash
)

select
    coalesce(claims.document, files.name) as document,
    'volumes' as kind,
    listings.event_source,
    case when listings.published_at <> listings.recorded_at then listings.published_at end as published_at,
    listings.recorded_at,
    cast(listings.services_count as bigint) as services_count,
    added_periods.added_from,
    added_periods.added_to,
    cast(coalesce(changes.brought_count, 0) as bigint) as brought_count,
    cast(coalesce(changes.restated_count, 0) as bigint) as restated_count,
    cast(coalesce(changes.withdrawn_count, 0) as bigint) as withdrawn_count,
    cast(coalesce(claims.claims_count, 0) as bigint) as claims_count,
    cast(0 as bigint) as statements_count,
    cast(null as {{ dbt.type_string() }}) as version_status,
    cast(null as bigint) as version_number,
    {{ is_simulated() }} as is_simulated
from listings
left join changes
    on
        listings.event_source = changes.event_source
        and listings.published_at = changes.published_at
left join added_periods
    on
        listings.event_source = added_periods.event_source
        and listings.published_at = added_periods.published_at
left join claims
    on
        listings.event_source = claims.event_source
        and listings.published_at = claims.published_at
left join files
    on listings.content_hash = files.content_hash
union all
select
    reports.document,
    'report' as kind,
    reports.event_source,
    reports.published_at,
    reports.recorded_at,
    cast(null as bigint) as services_count,
    cast(null as date) as added_from,
    cast(null as date) as added_to,
    cast(null as bigint) as brought_count,
    cast(null as bigint) as restated_count,
    cast(null as bigint) as withdrawn_count,
    cast(reports.claims_count as bigint) as claims_count,
    cast(reports.statements_count as bigint) as statements_count,
    versions.version_status,
    versions.version_number,
    {{ is_simulated() }} as is_simulated
from reports
left join {{ ref('int_report_versions') }} as versions
    on reports.document = versions.document
order by kind, published_at, document
