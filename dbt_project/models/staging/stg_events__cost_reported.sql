{% call staged_events('uk.gov.takeup.cost.reported.v1') %}
    service_id,
    body.breakdown,
    body.kind as cost_kind,
    body.period.start as period_start,
    body.period.end as period_end,
    body.amount as amount_gbp,
{% endcall %}
