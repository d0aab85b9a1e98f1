with

listed as (
    select * from {{ ref('stg_events__service_listed') }}
),

counting as (
    {{ counting_rows_sql('listed', ['service_id']) | indent(4) }}
),

department_names as (
    select * from {{ ref('int_department_names') }}
),

organisation_aliases as (
    select
        {{ body_name_key('alias') }} as name_key,
        min(organisation_id) as organisation_id,
        min(organisation_name) as organisation_name
    from {{ ref('organisation_aliases') }}
    group by {{ body_name_key('alias') }}
),

organisations as (
    select organisation_id from {{ ref('organisations') }}
),

registered_services as (
    select service_id from {{ ref('services') }}
    union
    select service_id from {{ ref('published_names') }}
),

printed as (
    select
        *,
        coalesce(department_name, department_abbreviation) as printed_department_name,
        coalesce(organisation_name, organisation_abbreviation) as printed_organisation_name,
        -- A publication's own listing stands before a digest of it. Two files that were published in
        -- the same moment are told apart by what they hold, never by which of them arrived first.
        row_number() over (
            partition by service_id, counts_from, known_at
            order by is_from_digest asc, content_hash desc, position desc
        ) as precedence
    from counting
),

identified as (
    select
        printed.*,
        coalesce(by_name.department_id, by_abbreviation.department_id) as registered_department_id,
        coalesce(by_name.department_name, by_abbreviation.department_name) as registered_department_name,
        coalesce(
            organisation_aliases.organisation_id,
            nullif({{ slug('printed.printed_organisation_name') }}, '')
        ) as identified_organisation_id,
        organisation_aliases.organisation_name as registered_organisation_name
    from printed
    left join department_names as by_name
        on {{ body_name_key('printed.department_name') }} = by_name.name_key
    left join department_names as by_abbreviation
        on {{ body_name_key('printed.department_abbreviation') }} = by_abbreviation.name_key
    left join organisation_aliases
        on {{ body_name_key('printed.printed_organisation_name') }} = organisation_aliases.name_key
)

select
    identified.event_source,
    identified.service_id,
    identified.service_name,
    registered_services.service_id is not null as is_registered,
    coalesce(
        identified.registered_department_id,
        {{ unregistered_department_id('identified.printed_department_name') }}
    ) as department_id,
    coalesce(identified.registered_department_name, identified.printed_department_name) as department_name,
    identified.registered_department_id is not null as is_department_registered,
    identified.identified_organisation_id as organisation_id,
    coalesce(
        identified.registered_organisation_name,
        identified.printed_organisation_name
    ) as organisation_name,
    case
        when identified.identified_organisation_id is not null
            then
                coalesce(organisations.organisation_id, identified.registered_organisation_name) is not null
    end as is_organisation_registered,
    identified.customer_type,
    nullif(concat_ws(' ', identified.other_notes, identified.notes_on_costs), '') as notes,
    identified.known_at,
    identified.counts_from,
    identified.counts_to,
    identified.content_hash
from identified
left join registered_services
    on identified.service_id = registered_services.service_id
left join organisations
    on identified.identified_organisation_id = organisations.organisation_id
where identified.precedence = 1
