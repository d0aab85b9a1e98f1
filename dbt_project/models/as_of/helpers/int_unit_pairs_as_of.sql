{{ as_of('int_unit_pairs') }}
