{#- The services that a publication lists at a moment, and has not taken from the list since.

    One row per service.
-#}
select distinct service_id
from {{ stored('service_presence') }}
where
    listed_from <= {{ moment() }}
    and (listed_to is null or listed_to > {{ moment() }})
    and {{ counts_at(moment()) }}
