{{ as_of('savings') }}
