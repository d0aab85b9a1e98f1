{{ config(schema='as_of') }}
{#- Where claims hold, as the register of topics has it, for the macros of the published file. -#}
with

topics as (
    select * from {{ ref('inclusion_topics') }}
    where figure_id is not null and place is not null
),

places as (
    select * from {{ ref('int_places') }}
)

select
    topics.figure_id,
    {{ place_id('places.place_id', 'topics.place') }} as place_id
from topics
left join places on topics.place = places.place
