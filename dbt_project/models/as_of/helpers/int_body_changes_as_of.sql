{{ as_of('int_body_changes') }}
