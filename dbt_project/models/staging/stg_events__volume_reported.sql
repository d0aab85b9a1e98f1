{% call staged_events('uk.gov.takeup.volume.reported.v1') %}
    service_id,
    body.breakdown,
    body.measure,
    body.period.kind as period_kind,
    body.period.start as period_start,
    body.period.end as period_end,
    body.count as transactions_count,
    body.text as cell_text,
    body.due_on,
    place,
{% endcall %}
