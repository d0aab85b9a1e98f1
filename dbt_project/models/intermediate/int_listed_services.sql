{#- The services that have a name at a moment: a publication lists them, or the register holds them as
    services. What nobody lists can be in no table of measures.

    One row per service.
-#}
select distinct listings.service_id
from {{ stored('service_listings') }} as listings
left join {{ stored('int_service_register') }} as register
    on listings.service_id = register.service_id
where
    (listings.is_published or register.kind = 'service')
    and listings.known_from <= {{ moment() }}
    and {{ counts_at(moment(), 'listings') }}
