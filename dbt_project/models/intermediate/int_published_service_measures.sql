{#- The publisher's own figures of the standard measures, which come without parts. What is
    impossible is held back, a placeholder is no rate.
-#}
{%- set rates = ['completion_ratio', 'satisfaction_ratio'] %}
{%- set costs = ['cost_per_transaction_gbp', 'digital_cost_per_transaction_gbp'] %}
with

figures as (
    select
        stated.*,
        impossible.service_id is not null as is_withheld
    from {{ known('int_stated_measures') }} as stated
    left join {{ known('int_impossible_figures') }} as impossible
        on
            stated.service_id = impossible.service_id
            and stated.quantity = impossible.quantity
            and stated.period_kind = impossible.period_kind
            and stated.period_start = impossible.period_start
),

by_period as (
    select
        service_id,
        period_kind,
        period_start,
        period_end,
        {%- for quantity in rates %}
            max(case when quantity = '{{ quantity }}' and not is_withheld and not is_placeholder then value end)
                as {{ quantity }},
        {%- endfor %}
        {%- for quantity in costs %}
            max(case when quantity = '{{ quantity }}' and not is_withheld then value end) as {{ quantity }},
        {%- endfor %}
        {{ joined_texts("case when value is null then quantity end", ", ") }} as withdrawn_quantities,
        {{ joined_texts("case when is_withheld then quantity end", ", ") }} as withheld_quantities,
        {{ joined_texts("case when is_placeholder then quantity end", ", ") }} as placeholder_quantities,
        max(known_at) as known_at
    from figures
    group by service_id, period_kind, period_start, period_end
)

select * from by_period
