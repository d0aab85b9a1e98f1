{{ as_of('int_claim_subjects') }}
