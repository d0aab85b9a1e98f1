{{ config(schema='as_of') }}

with

departments as (
    select
        department_id,
        department_name,
        successor_id,
        coalesce(cast(valid_from as date), date '0001-01-01') as valid_from,
        coalesce(cast(valid_to as date), date '9999-12-31') as valid_to
    from {{ ref('departments') }}
),

-- A chain of successors is followed four steps; a test finds one that goes on.
followed as (
    select
        departments.department_id,
        departments.department_name,
        departments.successor_id,
        departments.valid_from,
        departments.valid_to,
        coalesce(
            step_four.department_id,
            step_three.department_id,
            step_two.department_id,
            step_one.department_id,
            departments.department_id
        ) as current_department_id
    from departments
    left join departments as step_one
        on departments.successor_id = step_one.department_id
    left join departments as step_two
        on step_one.successor_id = step_two.department_id
    left join departments as step_three
        on step_two.successor_id = step_three.department_id
    left join departments as step_four
        on step_three.successor_id = step_four.department_id
)

select
    followed.department_id,
    followed.department_name,
    followed.successor_id,
    followed.valid_from,
    followed.valid_to,
    followed.current_department_id,
    current_departments.department_name as current_department_name
from followed
inner join departments as current_departments
    on followed.current_department_id = current_departments.department_id
