{{ channel_shift_decomposition_sql(
    ref('take_up'),
    ref('int_service_listings'),
    ref('mart_services'),
    run_moment()
) }}
order by summed.level, summed.department_id, summed.organisation_id, summed.period_kind, periods.period_end
