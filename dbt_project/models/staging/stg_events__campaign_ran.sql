{% call staged_events('uk.gov.takeup.campaign.ran.v1') %}
    service_id,
    body.department_id,
    body.kind as campaign_kind,
    body.start as started_on,
    body.end as ended_on,
{% endcall %}
