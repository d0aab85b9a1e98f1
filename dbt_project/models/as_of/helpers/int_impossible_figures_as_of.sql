{{ as_of('int_impossible_figures') }}
