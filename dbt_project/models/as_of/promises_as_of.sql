{{ as_of('promises') }}
