{{ as_of('int_cost_doubts') }}
