{{ as_of('commitments') }}
