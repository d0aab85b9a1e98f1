{%- set cost_columns = ["service_id", "breakdown", "cost_kind", "period_start", "period_end"] -%}
{%- set cost = cost_columns | join(", ") ~ ", counts_from" %}

with

reported as (
    select * from {{ ref('stg_events__cost_reported') }}
),

counting as (
    {{ counting_rows_sql('reported', cost_columns) | indent(4) }}
),

-- One value per cost and moment; of two in the same moment what they hold decides, never which
-- of them arrived first.
ranked as (
    select
        *,
        row_number() over (
            partition by {{ cost }}, known_at
            order by content_hash desc, position desc
        ) as precedence
    from counting
)

select
    service_id,
    breakdown,
    cost_kind,
    period_start,
    period_end,
    cast(amount_gbp as double) as amount_gbp,
    known_at as known_from,
    lead(known_at) over (partition by {{ cost }} order by known_at) as known_to,
    counts_from,
    counts_to,
    {{ is_simulated() }} as is_simulated
from ranked
where precedence = 1
order by service_id, period_start, period_end, breakdown, cost_kind, known_at
