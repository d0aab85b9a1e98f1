{{ as_of('figure_reconciliation') }}
