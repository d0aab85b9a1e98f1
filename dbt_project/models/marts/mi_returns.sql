{{ mi_returns_sql(ref('int_return_records'), ref('int_service_channels'), run_moment()) }}
order by service_id, period_kind, period_start
