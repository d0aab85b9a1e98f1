{{ channel_months_sql(
    ref('int_transaction_counts'),
    ref('int_transaction_adjustments'),
    ref('int_reported_channels'),
    ref('int_service_channels'),
    run_moment()
) }}
