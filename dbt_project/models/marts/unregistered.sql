{#- What publications print and no register knows. It is published all the same, under its own
    name; here is what to add where.

    One row per department, organisation or service that is not registered.
-#}
{%- set text = dbt.type_string() -%}
with

listings as (
    select * from {{ ref('int_listings') }}
    where known_at <= {{ run_moment() }} and {{ counts_at(run_moment()) }}
),

returns as (
    select return_records.*
    from {{ ref('return_records') }} as return_records
    left join {{ ref('int_departments') }} as departments
        on return_records.department_id = departments.department_id
    where
        return_records.department_id is not null
        and departments.department_id is null
        and return_records.known_from <= {{ run_moment() }}
        and {{ counts_at(run_moment(), 'return_records') }}
),

files as (
    select
        content_hash,
        min(name) as name
    from {{ ref('stg_log__files') }}
    group by content_hash
),

printed as (
    select
        'department' as kind,
        department_id as published_id,
        department_name as printed_name,
        service_id,
        known_at,
        content_hash
    from listings
    where not is_department_registered
    union all
    select
        'department' as kind,
        department_id as published_id,
        department_id as printed_name,
        service_id,
        known_from as known_at,
        cast(null as {{ text }}) as content_hash
    from returns
    union all
    select
        'organisation' as kind,
        organisation_id as published_id,
        organisation_name as printed_name,
        service_id,
        known_at,
        content_hash
    from listings
    where not is_organisation_registered
    union all
    select
        'service' as kind,
        service_id as published_id,
        service_name as printed_name,
        service_id,
        known_at,
        content_hash
    from listings
    where not is_registered
),

numbered as (
    select
        printed.*,
        files.name as input,
        row_number() over (
            partition by printed.kind, printed.published_id
            order by printed.known_at, files.name, printed.printed_name
        ) as number_from_first,
        row_number() over (
            partition by printed.kind, printed.published_id
            order by printed.known_at desc, printed.printed_name asc
        ) as number_from_last
    from printed
    left join files
        on printed.content_hash = files.content_hash
),

things as (
    select
        kind,
        published_id,
        min(case when number_from_last = 1 then printed_name end) as printed_name,
        count(distinct service_id) as services_count,
        min(known_at) as first_known_at,
        min(case when number_from_first = 1 then input end) as first_input
    from numbered
    group by kind, published_id
)

select
    kind,
    printed_name,
    published_id,
    services_count,
    first_known_at,
    first_input,
    concat(
        kind, ' "', printed_name, '"',
        case
            when kind = 'service' then concat(' (', published_id, ') is in no register')
            else
                concat(
                    ' is in no register: ', cast(services_count as {{ text }}),
                    case when services_count = 1 then ' service is' else ' services are' end,
                    ' published under ', published_id
                )
        end,
        '; add ',
        case kind
            when 'department'
                then 'its name to seeds/department_aliases.csv, or a new department to seeds/departments.csv'
            when 'organisation'
                then 'it to seeds/organisations.csv, or another spelling to seeds/organisation_aliases.csv'
            else 'its name to seeds/published_names.csv'
        end,
        ' (`takeup registers suggest` has the row)'
    ) as what,
    {{ is_simulated() }} as is_simulated
from things
order by kind, published_id
