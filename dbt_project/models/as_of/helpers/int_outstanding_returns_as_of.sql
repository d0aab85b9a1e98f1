{{ as_of('int_outstanding_returns') }}
