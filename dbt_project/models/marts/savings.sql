{{ savings_sql(ref('channel_shares'), ref('channel_volumes'), ref('mart_services'), ref('int_unit_costs')) }}
order by periods.service_id, periods.basis, periods.period_kind, periods.period_end
