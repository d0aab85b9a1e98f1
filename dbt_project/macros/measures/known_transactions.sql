{#- Transactions that started or were completed, as counted and as put right, known at a moment.

    One row per night that brought any or took any back, service, month and kind of transaction.
    What was taken back counts less where it stood, and more where it stands now: the sum is what
    holds. `set_aside_count` is the part of it that set-asides and restores make. `counts` and
    `adjustments` are the relations of transaction_counts and transaction_adjustments.
-#}
{% macro known_transactions_sql(counts, adjustments, moment) %}
{%- set kind -%}
    service_id,
    measure,
    month_start,
    channel,
    assistance,
    assistance_provider,
    online_extent,
    outcome,
    transactions_count,
    known_at
{%- endset -%}
select
    {{ kind }},
    0 as cause_rank,
    0 as set_aside_count
from {{ counts }}
where known_at <= {{ moment }}
union all
select
    {{ kind }},
    case cause when 'set_aside' then 3 when 'restored' then 2 else 1 end as cause_rank,
    case when cause in ('set_aside', 'restored') then transactions_count else 0 end as set_aside_count
from {{ adjustments }}
where known_at <= {{ moment }}
{% endmacro %}
