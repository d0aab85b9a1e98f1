{{ as_of('int_reported_channels') }}
