{{ as_of('int_digital_offers') }}
