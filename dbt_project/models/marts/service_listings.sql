with

register as (
    select * from {{ ref('int_service_register') }}
),

departments as (
    select * from {{ ref('int_departments') }}
),

compared as (
    select
        *,
        concat_ws(
            '|',
            coalesce(service_name, ''),
            coalesce(department_id, ''),
            coalesce(department_name, ''),
            coalesce(organisation_id, ''),
            coalesce(organisation_name, ''),
            coalesce(customer_type, ''),
            coalesce(notes, '')
        ) as attributes
    from {{ ref('int_listings') }}
),

with_previous as (
    select
        *,
        lag(attributes) over (partition by service_id, counts_from order by known_at) as previous_attributes
    from compared
),

changes as (
    select
        *,
        lead(known_at) over (partition by service_id, counts_from order by known_at) as known_to
    from with_previous
    where previous_attributes is null or previous_attributes <> attributes
),

-- Where every listing of a service is set aside, no publication lists it.
last_listings as (
    select
        service_id,
        case when count(*) = count(counts_to) then max(counts_to) end as set_aside_at
    from compared
    group by service_id
),

-- A service that no publication lists stands in the register only, and has stood there for as
-- long as anybody can ask.
registered_only as (
    select
        register.service_id,
        register.service_name,
        register.department_id,
        departments.department_name,
        departments.department_id is not null as is_department_registered,
        cast(null as {{ dbt.type_string() }}) as organisation_id,
        cast(null as {{ dbt.type_string() }}) as organisation_name,
        cast(null as boolean) as is_organisation_registered,
        true as is_registered,
        register.customer_type,
        cast(null as {{ dbt.type_string() }}) as notes,
        {{ moment_literal('1900-01-01T00:00:00Z') }} as known_from,
        cast(null as {{ moment_type() }}) as known_to,
        last_listings.set_aside_at as counts_from,
        cast(null as {{ moment_type() }}) as counts_to,
        false as is_published
    from register
    left join last_listings
        on register.service_id = last_listings.service_id
    left join departments
        on register.department_id = departments.department_id
    where last_listings.service_id is null or last_listings.set_aside_at is not null
),

all_listings as (
    select
        service_id,
        service_name,
        department_id,
        department_name,
        is_department_registered,
        organisation_id,
        organisation_name,
        is_organisation_registered,
        is_registered,
        customer_type,
        notes,
        known_at as known_from,
        known_to,
        counts_from,
        counts_to,
        true as is_published
    from changes
    union all
    select * from registered_only
)

select
    all_listings.service_id,
    coalesce(all_listings.service_name, register.service_name) as service_name,
    all_listings.department_id,
    all_listings.department_name,
    coalesce(departments.current_department_id, all_listings.department_id) as current_department_id,
    case
        when departments.current_department_id <> all_listings.department_id
            then departments.current_department_name
        else all_listings.department_name
    end as current_department_name,
    all_listings.organisation_id,
    all_listings.organisation_name,
    coalesce(register.volume_kind, 'flow') as volume_kind,
    coalesce(all_listings.customer_type, register.customer_type) as customer_type,
    all_listings.notes,
    all_listings.is_published,
    all_listings.is_registered,
    all_listings.is_department_registered,
    all_listings.is_organisation_registered,
    all_listings.known_from,
    all_listings.known_to,
    all_listings.counts_from,
    all_listings.counts_to,
    {{ is_simulated() }} as is_simulated
from all_listings
left join register
    on all_listings.service_id = register.service_id
left join departments
    on all_listings.department_id = departments.department_id
