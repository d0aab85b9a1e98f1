{{ as_of('take_up_like_for_like') }}
