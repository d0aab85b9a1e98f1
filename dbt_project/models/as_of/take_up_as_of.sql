{{ as_of('take_up') }}
