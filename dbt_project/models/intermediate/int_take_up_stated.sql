{{ take_up_stated_sql(ref('int_reported_cells'), run_moment()) }}
