with

figures as (
    select * from {{ ref('stg_events__figure_published') }}
),

listings as (
    select * from {{ ref('int_service_listings') }}
)

select
    md5(concat_ws('|', figures.event_source, figures.event_id)) as figure_id,
    figures.document,
    figures.line,
    coalesce(figures.department_id, listings.department_id) as department_id,
    coalesce(figures.section, figures.place) as section,
    figures.service_id,
    coalesce(figures.subject, listings.service_name) as subject,
    figures.metric,
    figures.period_start,
    figures.period_end,
    figures.qualifier,
    figures.value,
    figures.unit,
    figures.known_at,
    {{ is_simulated() }} as is_simulated
from figures
-- The service as it was printed at the time, not as it is called now.
left join listings
    on
        figures.service_id = listings.service_id
        and figures.known_at >= listings.known_from
        and (listings.known_to is null or figures.known_at < listings.known_to)
