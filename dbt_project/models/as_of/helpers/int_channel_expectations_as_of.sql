{{ as_of('int_channel_expectations') }}
