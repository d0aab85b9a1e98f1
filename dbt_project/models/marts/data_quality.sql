{{ data_quality_sql(
    ref('int_reported_cells'),
    ref('take_up'),
    ref('published_figures'),
    ref('mart_services'),
    run_moment()
) }}
order by check_id, service_id, period_start, measure
