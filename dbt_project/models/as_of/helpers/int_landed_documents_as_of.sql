{{ as_of('int_landed_documents') }}
