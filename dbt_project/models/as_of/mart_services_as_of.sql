{{ as_of('mart_services') }}
