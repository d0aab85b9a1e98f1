{#- Named apart from the register `services`, from which it takes what no publication says. -#}
{{ config(alias='services') }}

with

listings as (
    select
        *,
        row_number() over (partition by service_id order by known_from desc) as listing_number_from_last
    from {{ ref('int_service_listings') }}
    where known_from <= {{ run_moment() }}
),

listed as (
    select
        event_source,
        service_id,
        known_at
    from {{ ref('stg_events__service_listed') }}
    where known_at <= {{ run_moment() }}
),

latest_vintages as (
    select
        event_source,
        max(known_at) as known_at
    from listed
    group by event_source
),

still_listed as (
    select distinct listed.service_id
    from listed
    inner join latest_vintages
        on
            listed.event_source = latest_vintages.event_source
            and listed.known_at = latest_vintages.known_at
),

register as (
    select * from {{ ref('int_service_register') }}
),

given_periods as (
    select
        service_id,
        min(period_start) as first_period,
        max(period_end) as last_period
    from {{ ref('take_up') }}
    where
        period_kind = 'quarter'
        and parts_present > 0
    group by service_id
)

select
    listings.service_id,
    coalesce(listings.service_name, register.service_name) as service_name,
    listings.current_department_id as department_id,
    listings.current_department_name as department_name,
    listings.organisation_id,
    listings.organisation_name,
    listings.volume_kind,
    listings.customer_type,
    coalesce(register.is_exemplar, false) as is_exemplar,
    coalesce(still_listed.service_id is not null, false) as is_listed,
    listings.notes,
    given_periods.first_period,
    given_periods.last_period,
    {{ is_simulated() }} as is_simulated
from listings
left join register
    on listings.service_id = register.service_id
left join still_listed
    on listings.service_id = still_listed.service_id
left join given_periods
    on listings.service_id = given_periods.service_id
-- Programmes and platforms are in the register because reports name them; they are no services.
where
    listings.listing_number_from_last = 1
    and (listings.is_published or register.kind = 'service')
order by listings.service_id
