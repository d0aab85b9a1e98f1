{{ as_of('int_count_warnings') }}
