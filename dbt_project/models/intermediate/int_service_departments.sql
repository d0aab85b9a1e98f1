{#- Whose each flow service is, by docs/measures.md, "Departments and government", from day to day.

    As at the period: the department of the latest listing of that day whose department lives on it,
    else of the next listing whose department does, else the register's predecessor of the
    earliest one's. Current: that of the last listing, or its successor.
-#}
{%- set far_back = "date '0001-01-01'" -%}
{%- set far_ahead = "date '9999-12-31'" -%}
with

departments as (
    select * from {{ stored('int_departments') }}
),

known_listings as (
    select
        listings.service_id,
        listings.department_id,
        listings.current_department_id,
        listings.organisation_id,
        {{ london_date('listings.known_from') }} as listed_on,
        coalesce(departments.valid_from, {{ far_back }}) as valid_from,
        coalesce(departments.valid_to, {{ far_ahead }}) as valid_to,
        row_number() over (partition by listings.service_id order by listings.known_from) as listing_number,
        row_number() over (partition by listings.service_id order by listings.known_from desc)
            as listing_number_from_last
    from {{ stored('service_listings') }} as listings
    left join departments
        on listings.department_id = departments.department_id
    where
        listings.volume_kind = 'flow'
        and listings.known_from <= {{ moment() }}
        and {{ counts_at(moment(), 'listings') }}
),

-- Of a department that was not there yet: the nearest one before it that was, two steps back.
predecessors as (
    select
        known_listings.service_id,
        known_listings.organisation_id,
        departments.department_id,
        departments.valid_from,
        departments.valid_to,
        1 as steps
    from known_listings
    inner join departments
        on known_listings.department_id = departments.successor_id
    where known_listings.listing_number = 1
    union all
    select
        known_listings.service_id,
        known_listings.organisation_id,
        earlier.department_id,
        earlier.valid_from,
        earlier.valid_to,
        2 as steps
    from known_listings
    inner join departments
        on known_listings.department_id = departments.successor_id
    inner join departments as earlier
        on departments.department_id = earlier.successor_id
    where known_listings.listing_number = 1
),

-- Every day on which the answer may change.
days as (
    select distinct
        service_id,
        holds_from
    from (
        select
            service_id,
            {{ far_back }} as holds_from
        from known_listings
        union all
        select
            service_id,
            listed_on as holds_from
        from known_listings
        union all
        select
            service_id,
            valid_from as holds_from
        from known_listings
        union all
        select
            service_id,
            {{ day_after('valid_to') }} as holds_from
        from known_listings
        where valid_to < {{ far_ahead }}
        union all
        select
            service_id,
            valid_from as holds_from
        from predecessors
        union all
        select
            service_id,
            {{ day_after('valid_to') }} as holds_from
        from predecessors
        where valid_to < {{ far_ahead }}
    ) as changes
),

candidates as (
    select
        days.service_id,
        days.holds_from,
        known_listings.department_id,
        known_listings.organisation_id,
        case
            when days.holds_from not between known_listings.valid_from and known_listings.valid_to then 4
            when known_listings.listed_on <= days.holds_from then 1
            else 2
        end as choice,
        case
            when
                known_listings.listed_on <= days.holds_from
                and days.holds_from between known_listings.valid_from and known_listings.valid_to
                then -known_listings.listing_number
            else known_listings.listing_number
        end as distance
    from days
    inner join known_listings
        on days.service_id = known_listings.service_id
    union all
    select
        days.service_id,
        days.holds_from,
        predecessors.department_id,
        predecessors.organisation_id,
        3 as choice,
        predecessors.steps as distance
    from days
    inner join predecessors
        on
            days.service_id = predecessors.service_id
            and days.holds_from >= predecessors.valid_from
            and days.holds_from <= predecessors.valid_to
),

chosen as (
    select
        *,
        row_number() over (
            partition by service_id, holds_from
            order by choice, distance, department_id
        ) as precedence
    from candidates
)

select
    service_id,
    'as_at_period' as structure,
    department_id,
    organisation_id,
    holds_from,
    coalesce(lead(holds_from) over (partition by service_id order by holds_from), {{ far_ahead }}) as holds_before,
    false as is_closed
from chosen
where precedence = 1
union all
select
    known_listings.service_id,
    'current' as structure,
    known_listings.current_department_id as department_id,
    known_listings.organisation_id,
    {{ far_back }} as holds_from,
    {{ far_ahead }} as holds_before,
    coalesce(departments.valid_to < {{ london_date(moment()) }}, false) as is_closed
from known_listings
left join departments
    on known_listings.current_department_id = departments.department_id
where known_listings.listing_number_from_last = 1
