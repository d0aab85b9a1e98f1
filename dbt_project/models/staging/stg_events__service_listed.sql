{% call staged_events('uk.gov.takeup.service.listed.v1') %}
    service_id,
    body.service_name as service_name,
    body.department_name as department_name,
    body.department_abbreviation as department_abbreviation,
    body.organisation_name as organisation_name,
    body.organisation_abbreviation as organisation_abbreviation,
    body.customer_type as customer_type,
    body.business_model as business_model,
    body.category as category,
    body.description as description,
    body.notes_on_costs as notes_on_costs,
    body.other_notes as other_notes,
{% endcall %}
