{% call staged_events('uk.gov.takeup.return.signed_off.v1') %}
    service_id,
    body.period.kind as period_kind,
    body.period.start as period_start,
    body.period.end as period_end,
    body.role as signed_off_by_role,
    body.submitted_by_role,
    time as signed_off_at,
    body.assurance,
    body.commentary,
    body.due_on,
{% endcall %}
