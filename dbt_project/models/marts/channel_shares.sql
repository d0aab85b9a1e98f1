{{ channel_shares_sql(ref('channel_volumes'), ref('mart_services')) }}
order by service_id, basis, channel, period_kind, period_end
