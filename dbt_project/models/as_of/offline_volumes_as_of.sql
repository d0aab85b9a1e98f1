{{ as_of('offline_volumes') }}
