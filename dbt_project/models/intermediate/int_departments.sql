with

departments as (
    select
        department_id,
        department_name,
        successor_id
    from {{ ref('departments') }}
),

-- A chain of successors is followed four steps; a test finds one that goes on.
followed as (
    select
        departments.department_id,
        departments.department_name,
        coalesce(
            fourth.department_id,
            third.department_id,
            second.department_id,
            first_successor.department_id,
            departments.department_id
        ) as current_department_id
    from departments
    left join departments as first_successor
        on departments.successor_id = first_successor.department_id
    left join departments as second
        on first_successor.successor_id = second.department_id
    left join departments as third
        on second.successor_id = third.department_id
    left join departments as fourth
        on third.successor_id = fourth.department_id
)

select
    followed.department_id,
    followed.department_name,
    followed.current_department_id,
    current_departments.department_name as current_department_name
from followed
inner join departments as current_departments
    on followed.current_department_id = current_departments.department_id
