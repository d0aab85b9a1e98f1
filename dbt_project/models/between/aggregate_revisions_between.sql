{{ as_of('aggregate_revisions') }}
