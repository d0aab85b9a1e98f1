{{ basis_comparison_sql(
    ref('take_up'),
    ref('int_channel_months'),
    ref('int_channel_quarters'),
    ref('int_service_channels')
) }}
order by service_id, breakdown, period_kind, period_end
