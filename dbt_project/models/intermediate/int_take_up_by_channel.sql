{{ take_up_by_channel_sql(
    ref('int_channel_months'),
    ref('int_channel_quarters'),
    ref('int_transaction_counts'),
    ref('int_transaction_adjustments'),
    ref('int_definitions'),
    ref('int_definition_classes'),
    run_moment()
) }}
