{#- What the claims of reports are about, as known at a moment: int_report_claims with `subject_id`, the
    service, programme or platform that a claim names, else the place where it holds; and with
    `service_id` only where that is a service.
-#}
with

claims as (
    select
        {{ all_but('service_id') }}, -- noqa: AM04
        service_id as named_id
    from {{ known('int_report_claims') }}
),

services as (
    select * from {{ known('int_service_ids') }}
),

-- What the register says of the newest version of a claim that it knows.
places as (
    select
        claims.claim_id,
        max_by(places.place_id, claims.version_number) as place_id
    from claims
    inner join {{ stored('int_claim_places') }} as places on claims.figure_id = places.figure_id
    group by claims.claim_id
)

select
    claims.*, -- noqa: AM04
    services.service_id,
    coalesce(claims.named_id, places.place_id) as subject_id,
    -- A passage that is in two reports is one claim.
    coalesce(claims.passage || '|' || claims.metric || '|' || coalesce(claims.subject, ''), claims.claim_id)
        as claim_key
from claims
left join services on claims.named_id = services.service_id
left join places on claims.claim_id = places.claim_id
