{#- Costs that can hardly be right, as they were stated: a digital cost above the overall one, and a cost
    of zero. Those that are withheld are told as that.
-#}
{%- set text = dbt.type_string() -%}
with

published as (
    select
        service_id,
        period_kind,
        period_start,
        period_end,
        max(case when quantity = 'cost_per_transaction_gbp' then value end) as overall_cost,
        max(case when quantity = 'digital_cost_per_transaction_gbp' then value end) as digital_cost,
        max(case when quantity = 'cost_per_transaction_gbp' then input end) as overall_cost_input,
        max(case when quantity = 'digital_cost_per_transaction_gbp' then input end) as digital_cost_input,
        max(known_at) as known_at
    from {{ known('int_stated_measures') }}
    where quantity in ('cost_per_transaction_gbp', 'digital_cost_per_transaction_gbp') and value >= 0
    group by service_id, period_kind, period_start, period_end
),

-- By the columns of service_measures.
costs as (
    select
        *,
        'cost_per_transaction_gbp' as overall_cost_name,
        'digital_cost_per_transaction_gbp' as digital_cost_name
    from published
    {%- for cost, digital_cost, cost_name, digital_cost_name in [
        ('stated_cost_gbp', 'stated_digital_cost_gbp', 'cost_per_transaction_gbp', 'digital_cost_per_transaction_gbp'),
        ('total_cost_gbp', 'digital_cost_gbp', 'total_cost_gbp', 'digital_cost_gbp'),
    ] %}
        union all
        select
            service_id,
            period_kind,
            period_start,
            period_end,
            {{ cost }} as overall_cost,
            {{ digital_cost }} as digital_cost,
            cast(null as {{ text }}) as overall_cost_input,
            cast(null as {{ text }}) as digital_cost_input,
            known_at,
            '{{ cost_name }}' as overall_cost_name,
            '{{ digital_cost_name }}' as digital_cost_name
        from {{ known('int_service_costs') }}
    {%- endfor %}
)

select
    'digital_cost_above_cost' as check_id,
    service_id,
    period_kind,
    period_start,
    period_end,
    digital_cost_name as quantity,
    'the digital cost is above the overall one' as what,
    cast(digital_cost as double) as value,
    cast(overall_cost as double) as expected,
    digital_cost_input as input,
    known_at
from costs
where digital_cost > overall_cost
{%- for cost in ['overall_cost', 'digital_cost'] %}
    union all
    select
        'cost_of_zero' as check_id,
        service_id,
        period_kind,
        period_start,
        period_end,
        {{ cost }}_name as quantity,
        'a cost of zero: a blank that was filled in, or a cost that somebody else bears' as what,
        cast({{ cost }} as double) as value,
        cast(null as double) as expected,
        {{ cost }}_input as input,
        known_at
    from costs
    where {{ cost }} = 0
{%- endfor %}
