{{ as_of('service_measures') }}
