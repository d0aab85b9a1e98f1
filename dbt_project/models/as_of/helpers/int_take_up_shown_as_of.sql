{{ as_of('int_take_up_shown') }}
