{{ reported_channels_sql(ref('int_reported_cells'), run_moment()) }}
