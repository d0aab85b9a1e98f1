with

services as (
    select * from {{ ref('services') }}
),

departments as (
    select * from {{ ref('departments') }}
)

select
    services.service_id,
    services.service_name,
    services.department_id,
    departments.department_name,
    cast(coalesce(services.is_exemplar, false) as boolean) as is_exemplar,
    cast(coalesce(services.has_offline_route, true) as boolean) as has_offline_route,
    services.assisted_route,
    services.assisted_route_source,
    cast(services.inclusion_level as bigint) as inclusion_level,
    services.source,
    {{ is_simulated() }} as is_simulated
from services
left join departments on services.department_id = departments.department_id
where services.kind = 'service'
order by services.service_id
