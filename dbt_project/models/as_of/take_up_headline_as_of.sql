{{ as_of('take_up_headline') }}
