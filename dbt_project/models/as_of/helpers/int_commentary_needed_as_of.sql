{{ as_of('int_commentary_needed') }}
