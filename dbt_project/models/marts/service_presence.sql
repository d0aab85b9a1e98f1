with

listed as (
    select distinct
        event_source,
        service_id,
        known_at
    from {{ ref('stg_events__service_listed') }}
),

publications as (
    select
        event_source,
        known_at,
        row_number() over (partition by event_source order by known_at) as publication_number,
        lead(known_at) over (partition by event_source order by known_at) as next_known_at
    from (
        select distinct
            event_source,
            known_at
        from listed
    ) as moments
),

-- Publications in a row that list a service share the difference of the two numbers.
numbered as (
    select
        listed.event_source,
        listed.service_id,
        publications.known_at,
        publications.next_known_at,
        publications.publication_number
        - row_number() over (
            partition by listed.event_source, listed.service_id
            order by publications.publication_number
        ) as run_number
    from listed
    inner join publications
        on
            listed.event_source = publications.event_source
            and listed.known_at = publications.known_at
)

select
    event_source,
    service_id,
    min(known_at) as listed_from,
    case when count(*) = count(next_known_at) then max(next_known_at) end as listed_to,
    {{ is_simulated() }} as is_simulated
from numbered
group by event_source, service_id, run_number
order by service_id, event_source, listed_from
