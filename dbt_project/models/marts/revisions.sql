{{ revisions_sql(ref('int_reported_cells'), run_moment()) }}
order by service_id, period_start, measure, new_known_at
