with

listed as (
    select * from {{ ref('stg_events__service_listed') }}
),

register as (
    select * from {{ ref('int_service_register') }}
),

departments as (
    select * from {{ ref('int_departments') }}
),

department_aliases as (
    select
        {{ printed_name_key('alias') }} as alias,
        min(department_id) as department_id
    from {{ ref('department_aliases') }}
    group by {{ printed_name_key('alias') }}
),

organisation_aliases as (
    select
        {{ printed_name_key('alias') }} as alias,
        min(organisation_id) as organisation_id,
        min(organisation_name) as organisation_name
    from {{ ref('organisation_aliases') }}
    group by {{ printed_name_key('alias') }}
),

identified as (
    select
        listed.service_id,
        listed.service_name,
        coalesce(
            by_name.department_id,
            by_abbreviation.department_id,
            {{ slug('coalesce(listed.department_name, listed.department_abbreviation)') }}
        ) as department_id,
        coalesce(listed.department_name, listed.department_abbreviation) as printed_department_name,
        coalesce(
            organisation_aliases.organisation_id,
            {{ slug('coalesce(listed.organisation_name, listed.organisation_abbreviation)') }}
        ) as organisation_id,
        coalesce(
            organisation_aliases.organisation_name,
            listed.organisation_name,
            listed.organisation_abbreviation
        ) as organisation_name,
        listed.customer_type,
        nullif(concat_ws(' ', listed.other_notes, listed.notes_on_costs), '') as notes,
        listed.known_at,
        -- A publication's own listing stands before a digest of it. Two files that were published in
        -- the same moment are told apart by what they hold, never by which of them arrived first.
        row_number() over (
            partition by listed.service_id, listed.known_at
            order by listed.is_from_digest asc, listed.content_hash desc, listed.position desc
        ) as precedence
    from listed
    left join department_aliases as by_name
        on {{ printed_name_key('listed.department_name') }} = by_name.alias
    left join department_aliases as by_abbreviation
        on {{ printed_name_key('listed.department_abbreviation') }} = by_abbreviation.alias
    left join organisation_aliases
        on
            {{ printed_name_key('coalesce(listed.organisation_name, listed.organisation_abbreviation)') }}
            = organisation_aliases.alias
),

compared as (
    select
        *,
        concat_ws(
            '|',
            coalesce(service_name, ''),
            coalesce(department_id, ''),
            coalesce(organisation_id, ''),
            coalesce(organisation_name, ''),
            coalesce(customer_type, ''),
            coalesce(notes, '')
        ) as attributes
    from identified
    where precedence = 1
),

with_previous as (
    select
        *,
        lag(attributes) over (partition by service_id order by known_at) as previous_attributes
    from compared
),

changes as (
    select
        *,
        lead(known_at) over (partition by service_id order by known_at) as known_to
    from with_previous
    where previous_attributes is null or previous_attributes <> attributes
),

-- A service that no publication lists stands in the register only, and has stood there for as
-- long as anybody can ask.
registered_only as (
    select
        register.service_id,
        register.service_name,
        register.department_id,
        cast(null as {{ dbt.type_string() }}) as printed_department_name,
        cast(null as {{ dbt.type_string() }}) as organisation_id,
        cast(null as {{ dbt.type_string() }}) as organisation_name,
        register.customer_type,
        cast(null as {{ dbt.type_string() }}) as notes,
        {{ moment_literal('1900-01-01T00:00:00Z') }} as known_from,
        cast(null as {{ moment_type() }}) as known_to,
        false as is_published
    from register
    left join compared
        on register.service_id = compared.service_id
    where compared.service_id is null
),

all_listings as (
    select
        service_id,
        service_name,
        department_id,
        printed_department_name,
        organisation_id,
        organisation_name,
        customer_type,
        notes,
        known_at as known_from,
        known_to,
        true as is_published
    from changes
    union all
    select * from registered_only
)

select
    all_listings.service_id,
    coalesce(all_listings.service_name, register.service_name) as service_name,
    all_listings.department_id,
    coalesce(departments.department_name, all_listings.printed_department_name) as department_name,
    coalesce(departments.current_department_id, all_listings.department_id) as current_department_id,
    coalesce(departments.current_department_name, all_listings.printed_department_name) as current_department_name,
    all_listings.organisation_id,
    all_listings.organisation_name,
    coalesce(register.volume_kind, 'flow') as volume_kind,
    coalesce(all_listings.customer_type, register.customer_type) as customer_type,
    all_listings.notes,
    all_listings.is_published,
    all_listings.known_from,
    all_listings.known_to,
    {{ is_simulated() }} as is_simulated
from all_listings
left join register
    on all_listings.service_id = register.service_id
left join departments
    on all_listings.department_id = departments.department_id
