{#- Costs that can hardly be right: a digital transaction that costs more than one on average, and a
    cost of zero. Those that are withheld are told as that.
-#}
with

stated as (
    select
        service_id,
        period_kind,
        period_start,
        period_end,
        max(case when quantity = 'cost_per_transaction_gbp' then value end) as cost,
        max(case when quantity = 'digital_cost_per_transaction_gbp' then value end) as digital_cost,
        max(case when quantity = 'cost_per_transaction_gbp' then input end) as cost_input,
        max(case when quantity = 'digital_cost_per_transaction_gbp' then input end) as digital_cost_input,
        max(known_at) as known_at
    from {{ known('int_stated_measures') }}
    where quantity in ('cost_per_transaction_gbp', 'digital_cost_per_transaction_gbp') and value >= 0
    group by service_id, period_kind, period_start, period_end
),

costs as (
    select * from stated
    union all
    select
        service_id,
        period_kind,
        period_start,
        period_end,
        cost_per_transaction_gbp as cost,
        digital_cost_per_transaction_gbp as digital_cost,
        cast(null as {{ dbt.type_string() }}) as cost_input,
        cast(null as {{ dbt.type_string() }}) as digital_cost_input,
        known_at
    from {{ known('service_measures') }}
    where basis = 'events'
)

select
    'digital_cost_above_cost' as check_id,
    service_id,
    period_kind,
    period_start,
    period_end,
    'digital_cost_per_transaction_gbp' as quantity,
    'a digital transaction costs more than a transaction on average' as what,
    digital_cost as value,
    cost as expected,
    digital_cost_input as input,
    known_at
from costs
where digital_cost > cost
{%- for quantity, name in [('cost', 'cost_per_transaction_gbp'), ('digital_cost', 'digital_cost_per_transaction_gbp')] %}
    union all
    select
        'cost_of_zero' as check_id,
        service_id,
        period_kind,
        period_start,
        period_end,
        '{{ name }}' as quantity,
        'nothing costs nothing: a blank that was filled in, or a cost that somebody else bears' as what,
        {{ quantity }} as value,
        cast(null as double) as expected,
        {{ quantity }}_input as input,
        known_at
    from costs
    where {{ quantity }} = 0
{%- endfor %}
