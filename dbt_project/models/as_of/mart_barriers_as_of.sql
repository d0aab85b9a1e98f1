{{ as_of('mart_barriers') }}
