{#- The services that have a name at a moment: a publication lists them, or the register holds them as
    services. What nobody lists can be in no table of measures.

    One row per service.
-#}
select service_id
from {{ stored('service_listings') }}
where
    is_published
    and known_from <= {{ moment() }}
    and {{ counts_at(moment()) }}
union
select service_id
from {{ stored('int_service_register') }}
where kind = 'service'
