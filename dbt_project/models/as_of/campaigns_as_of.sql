{{ as_of('campaigns') }}
