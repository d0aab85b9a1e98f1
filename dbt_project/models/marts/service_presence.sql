with

staged as (
    select * from {{ ref('stg_events__service_listed') }}
),

counting as (
    {{ counting_rows_sql('staged', ['event_source']) | indent(4) }}
),

listed as (
    select distinct
        event_source,
        service_id,
        known_at,
        counts_from,
        counts_to
    from counting
),

publications as (
    select
        event_source,
        known_at,
        counts_from,
        row_number() over (partition by event_source, counts_from order by known_at) as publication_number,
        lead(known_at) over (partition by event_source, counts_from order by known_at) as next_known_at
    from (
        select distinct
            event_source,
            known_at,
            counts_from
        from listed
    ) as moments
),

-- Publications in a row that list a service share the difference of the two numbers.
numbered as (
    select
        listed.event_source,
        listed.service_id,
        listed.counts_from,
        listed.counts_to,
        publications.known_at,
        publications.next_known_at,
        publications.publication_number
        - row_number() over (
            partition by listed.event_source, listed.service_id, listed.counts_from
            order by publications.publication_number
        ) as run_number
    from listed
    inner join publications
        on
            listed.event_source = publications.event_source
            and listed.known_at = publications.known_at
            and listed.counts_from is not distinct from publications.counts_from
)

select
    event_source,
    service_id,
    min(known_at) as listed_from,
    case when count(*) = count(next_known_at) then max(next_known_at) end as listed_to,
    counts_from,
    counts_to,
    {{ is_simulated() }} as is_simulated
from numbered
group by event_source, service_id, counts_from, counts_to, run_number
order by service_id, event_source, listed_from
