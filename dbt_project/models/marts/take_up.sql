{{ take_up_sql(ref('int_reported_cells'), run_moment()) }}
order by service_id, period_kind, period_end
