{{ as_of('int_cell_values') }}
