{{ as_of('unmeasured_services') }}
