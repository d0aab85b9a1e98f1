{{ channel_volumes_sql(ref('int_channel_months'), ref('int_channel_quarters'), ref('int_service_channels')) }}
order by service_id, basis, channel, period_kind, period_end
