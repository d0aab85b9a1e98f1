with

source as (
    select
        *,
        {{ json_record('data', {
            'service_id': 'varchar',
            'service_name': 'varchar',
            'department_name': 'varchar',
            'department_abbreviation': 'varchar',
            'organisation_name': 'varchar',
            'organisation_abbreviation': 'varchar',
            'customer_type': 'varchar',
            'business_model': 'varchar',
            'category': 'varchar',
            'description': 'varchar',
            'notes_on_costs': 'varchar',
            'other_notes': 'varchar',
        }) }} as body
    from {{ log_records('event') }} as records
    where type = 'uk.gov.takeup.service.listed.v1'
),

renamed as (
    select
        source as event_source,
        id as event_id,
        coalesce(service_id, body.service_id) as service_id,
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
        coalesce(published_at, recorded_at) as known_at,
        recorded_at,
        file_hash as content_hash,
        position,
        commit_version
    from source
)

select * from renamed
