{{ as_of('target_attainment') }}
