{{ as_of('int_service_units') }}
