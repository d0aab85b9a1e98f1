with

departments as (
    select * from {{ ref('departments') }}
),

printed as (
    select
        department_id,
        alias as printed_name,
        department_name
    from {{ ref('department_aliases') }}
    union all
    select
        department_id,
        department_name as printed_name,
        department_name
    from departments
    union all
    select
        department_id,
        abbreviation as printed_name,
        department_name
    from departments
    union all
    select
        department_id,
        department_id as printed_name,
        department_name
    from departments
),

-- An alias without a name of its own is one of the department's first name.
named as (
    select
        printed.department_id,
        printed.printed_name,
        printed.department_name as own_name,
        departments.department_name as first_name
    from printed
    inner join departments
        on printed.department_id = departments.department_id
)

select
    {{ body_name_key('printed_name') }} as name_key,
    min(department_id) as department_id,
    coalesce(min(nullif(own_name, first_name)), min(first_name)) as department_name
from named
group by {{ body_name_key('printed_name') }}
