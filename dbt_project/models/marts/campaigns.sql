{{ campaigns_sql(
    ref('int_campaign_events'),
    ref('take_up'),
    ref('department_take_up'),
    ref('mart_services'),
    run_moment()
) }}
order by ran.started_on, ran.campaign_id, ran.period_kind
