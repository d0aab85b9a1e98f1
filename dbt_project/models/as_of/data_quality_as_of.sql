{{ as_of('data_quality') }}
