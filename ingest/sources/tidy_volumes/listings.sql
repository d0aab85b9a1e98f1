-- What a publication says of a service, less its sentences: a digest of the listing, under an
-- identity of its own, for which the publication's own listing stands in once that has landed.
select
    *,
    publication as place,
    true as is_digest,
    'service.listed' as kind,
    escaped('listing/' || service_id || '/digest') as key,
    json_merge_patch('{}', json_object(
        'service_id', service_id,
        'service_name', service_name,
        'department_name', department_name,
        'department_abbreviation', nullif(department_abbreviation, ''),
        'organisation_name', nullif(organisation_name, ''),
        'organisation_abbreviation', nullif(organisation_abbreviation, ''),
        'customer_type', nullif(customer_type, ''),
        'business_model', nullif(business_model, ''),
        'category', nullif(category, ''),
        'previous_department_name', nullif(previous_department_name, ''),
        'previous_organisation_name', nullif(previous_organisation_name, ''),
        'other_notes', nullif(notes, '')
    )) as body,
from spanned
