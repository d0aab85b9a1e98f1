{{ target_attainment_sql(ref('int_targets'), ref('int_target_paths'), ref('take_up'), ref('department_take_up')) }}
order by target_id
