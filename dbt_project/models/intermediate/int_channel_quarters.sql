{{ channel_quarters_sql(ref('int_channel_months'), ref('int_reported_channels'), run_moment()) }}
