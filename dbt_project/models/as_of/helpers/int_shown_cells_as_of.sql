{{ as_of('int_shown_cells') }}
