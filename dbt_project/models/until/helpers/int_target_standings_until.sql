{{ as_of('int_target_standings') }}
