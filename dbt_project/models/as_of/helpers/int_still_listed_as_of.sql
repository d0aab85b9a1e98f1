{{ as_of('int_still_listed') }}
