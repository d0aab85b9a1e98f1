{#- Transactions that started or were completed, as counted and as put right, known at a moment.

    One row per night that brought any or took any back, service, month and kind of transaction.
    What was taken back counts less where it stood, and more where it stands now: the sum is what
    holds. `counts` and `adjustments` are the relations of transaction_counts and
    transaction_adjustments.
-#}
{% macro known_transactions_sql(counts, adjustments, moment) %}
{%- for relation in [counts, adjustments] %}
select
    service_id,
    measure,
    month_start,
    channel,
    assistance,
    assistance_provider,
    online_extent,
    outcome,
    transactions_count,
    known_at,
    {{ loop.index0 }} as is_correction
from {{ relation }}
where known_at <= {{ moment }}
{%- if not loop.last %}
union all
{%- endif %}
{%- endfor %}
{% endmacro %}
