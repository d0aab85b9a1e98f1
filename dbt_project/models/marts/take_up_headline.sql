{{ take_up_headline_sql(ref('take_up')) }}
order by service_id, period_kind, period_end
