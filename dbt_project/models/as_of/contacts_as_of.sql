{{ as_of('contacts') }}
