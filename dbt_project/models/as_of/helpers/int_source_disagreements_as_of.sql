{{ as_of('int_source_disagreements') }}
