{{ config(schema='as_of') }}
{#- The register of places by the words that reports have for them, for the macros of the published file. -#}
select
    place,
    place_id
from {{ ref('places') }}
