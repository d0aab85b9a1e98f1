{{ all_revisions_sql(
    ref('int_reported_cells'),
    ref('int_transaction_counts'),
    ref('int_transaction_adjustments'),
    ref('int_definitions'),
    ref('int_definition_classes'),
    ref('run_history'),
    ref('ingest_ledger'),
    run_moment()
) }}
order by service_id, period_start, measure, new_known_at
