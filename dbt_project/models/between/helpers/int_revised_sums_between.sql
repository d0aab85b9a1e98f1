{{ as_of('int_revised_sums') }}
