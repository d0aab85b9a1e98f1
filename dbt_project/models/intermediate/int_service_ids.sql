{#- The ids under which `services` has a row at a moment, without what take-up says of them: reports also
    name programmes and platforms, which are in the register and are not services.

    One row per service.
-#}
select distinct listings.service_id
from {{ stored('service_listings') }} as listings
left join {{ stored('int_service_register') }} as register on listings.service_id = register.service_id
where
    (listings.is_published or register.kind = 'service')
    and listings.known_from <= {{ moment() }}
    and {{ counts_at(moment(), 'listings') }}
