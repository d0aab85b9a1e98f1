{{ department_take_up_sql(ref('take_up'), ref('int_service_listings'), run_moment()) }}
order by level, department_id, organisation_id, structure, period_kind, period_end
