{{ as_of('int_published_service_measures') }}
