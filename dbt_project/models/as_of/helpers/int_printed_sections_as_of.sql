{{ as_of('int_printed_sections') }}
