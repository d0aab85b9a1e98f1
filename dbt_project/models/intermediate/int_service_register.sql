{{ config(schema='as_of') }}

with

services as (
    select * from {{ ref('services') }}
)

select
    service_id,
    service_name,
    department_id,
    kind,
    coalesce(volume_kind, 'flow') as volume_kind,
    cast(coalesce(is_exemplar, false) as boolean) as is_exemplar,
    cast(coalesce(is_seasonal, false) as boolean) as is_seasonal,
    cast(coalesce(has_offline_route, true) as boolean) as has_offline_route,
    customer_type,
    cast(rounding_unit as bigint) as rounding_unit,
    cast(rounding_until as date) as rounding_until
from services
