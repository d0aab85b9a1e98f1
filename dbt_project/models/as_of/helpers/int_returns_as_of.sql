{{ as_of('int_returns') }}
