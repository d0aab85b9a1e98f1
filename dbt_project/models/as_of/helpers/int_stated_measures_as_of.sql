{{ as_of('int_stated_measures') }}
