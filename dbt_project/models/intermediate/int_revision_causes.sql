{{ config(schema='as_of') }}
{#- Causes of revisions that a source states, as a reviewer found them. -#}
select
    service_id,
    quantity,
    cast(published_on as date) as published_on,
    cause,
    concat(source, ': ', statement) as cause_source
from {{ ref('revision_causes') }}
