{{ as_of('int_service_ids') }}
