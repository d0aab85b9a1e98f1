{{ config(alias='services') }}

{#- What is known of every service at a moment: its latest listing, whether it is still listed,
    and the periods that have counts.

    One row per service. Its model is named apart from the register `services`, from which it takes
    what no publication says.
-#}
with

known_listings as (
    select
        *,
        row_number() over (partition by service_id order by known_from desc) as listing_number_from_last
    from {{ stored('service_listings') }}
    where
        known_from <= {{ moment() }}
        and {{ counts_at(moment()) }}
),

-- A department goes by the name under which it was listed last.
department_names as (
    select
        department_id,
        department_name,
        row_number() over (
            partition by department_id
            order by known_from desc, department_name asc
        ) as name_number_from_last
    from {{ stored('service_listings') }}
    where is_published and known_from <= {{ moment() }}
),

given_periods as (
    select
        service_id,
        min(period_start) as first_period,
        max(period_end) as last_period
    from {{ known('take_up') }}
    where
        period_kind = 'quarter'
        and parts_present > 0
    group by service_id
)

select
    known_listings.service_id,
    coalesce(known_listings.service_name, register.service_name) as service_name,
    known_listings.current_department_id as department_id,
    coalesce(department_names.department_name, known_listings.current_department_name) as department_name,
    known_listings.is_department_registered,
    known_listings.organisation_id,
    known_listings.organisation_name,
    known_listings.is_organisation_registered,
    known_listings.is_registered,
    known_listings.volume_kind,
    known_listings.customer_type,
    known_listings.category,
    known_listings.business_model,
    coalesce(register.is_exemplar, false) as is_exemplar,
    coalesce(register.is_seasonal, false) as is_seasonal,
    coalesce(register.has_offline_route, true) as has_offline_route,
    register.rounding_unit,
    register.rounding_until,
    coalesce(still_listed.service_id is not null, false) as is_listed,
    known_listings.notes,
    given_periods.first_period,
    given_periods.last_period,
    {{ is_simulated() }} as is_simulated
from known_listings
left join {{ stored('int_service_register') }} as register
    on known_listings.service_id = register.service_id
left join department_names
    on
        known_listings.current_department_id = department_names.department_id
        and department_names.name_number_from_last = 1
left join {{ known('int_still_listed') }} as still_listed
    on known_listings.service_id = still_listed.service_id
left join given_periods
    on known_listings.service_id = given_periods.service_id
-- Programmes and platforms are in the register because reports name them; they are no services.
where
    known_listings.listing_number_from_last = 1
    and (known_listings.is_published or register.kind = 'service')
order by known_listings.service_id
