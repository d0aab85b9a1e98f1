{{ channel_shift_sql(ref('take_up'), ref('mart_services'), ref('campaigns')) }}
order by placed.service_id, placed.period_kind, placed.period_end, placed.definition_id
