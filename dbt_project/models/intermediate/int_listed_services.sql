{#- Services that a publication has listed by a moment, or the register holds. A programme or platform
    of the register is none.
-#}
select distinct listings.service_id
from {{ stored('service_listings') }} as listings
left join {{ stored('int_service_register') }} as register
    on listings.service_id = register.service_id
where
    listings.known_from <= {{ moment() }}
    and (listings.is_published or register.kind = 'service')
