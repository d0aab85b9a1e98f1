{{ as_of('revisions') }}
