{{ as_of('department_take_up') }}
