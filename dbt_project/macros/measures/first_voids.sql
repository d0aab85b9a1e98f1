{#- When a transaction was first taken back; no later void changes anything.

    One row per transaction that any void names. `corrections` is the relation of
    int_resolved_corrections.
-#}
{% macro first_voids_sql(corrections) %}
select
    transaction_source,
    transaction_event_id,
    min(applied_at) as voided_at
from {{ corrections }}
where correction = 'voided'
group by transaction_source, transaction_event_id
{% endmacro %}
