{{ as_of('int_listed_services') }}
