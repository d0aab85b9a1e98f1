{{ as_of('int_rolling_year_warnings') }}
