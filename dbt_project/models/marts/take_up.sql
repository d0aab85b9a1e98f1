{{ take_up_sql(
    ref('int_take_up_stated'),
    ref('int_take_up_by_channel'),
    ref('int_definitions'),
    ref('int_service_channels')
) }}
order by service_id, period_kind, period_end, definition_id, measure, basis
