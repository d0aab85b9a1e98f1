{{ contacts_sql(ref('int_contact_counts'), ref('take_up_headline'), run_moment()) }}
order by counted.service_id, counted.period_kind, counted.period_end, counted.channel, counted.reason
