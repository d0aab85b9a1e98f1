{{ as_of('int_published_states') }}
