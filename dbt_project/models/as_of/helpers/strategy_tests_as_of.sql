{{ as_of('strategy_tests') }}
