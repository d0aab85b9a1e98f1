{{ as_of('mi_returns') }}
