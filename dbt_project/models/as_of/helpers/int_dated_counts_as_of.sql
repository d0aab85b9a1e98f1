{{ as_of('int_dated_counts') }}
