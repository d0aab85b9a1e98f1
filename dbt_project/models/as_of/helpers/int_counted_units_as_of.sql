{{ as_of('int_counted_units') }}
