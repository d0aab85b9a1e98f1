{{ channel_volumes_sql(ref('int_channel_months'), ref('int_channel_quarters'), ref('int_service_channels')) }}
order by periods.service_id, periods.basis, periods.channel, periods.period_kind, periods.period_end
