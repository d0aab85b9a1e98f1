{% call staged_events('uk.gov.takeup.service.listed.v1') %}
    service_id,
    body.service_name,
    body.department_name,
    body.department_abbreviation,
    body.organisation_name,
    body.organisation_abbreviation,
    body.customer_type,
    body.business_model,
    body.category,
    body.description,
    body.notes_on_costs,
    body.other_notes,
{% endcall %}
