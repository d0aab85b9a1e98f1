{{ as_of('int_promises_made') }}
