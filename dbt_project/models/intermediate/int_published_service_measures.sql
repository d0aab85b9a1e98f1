{#- The publisher's own figures of the standard measures, which come without parts. What is
    impossible is held back.
-#}
{%- set quantities = [
    'completion_ratio', 'satisfaction_ratio', 'cost_per_transaction_gbp', 'digital_cost_per_transaction_gbp',
] %}
with

figures as (
    select
        stated.*,
        case when impossible.service_id is null then 0 else 1 end as is_withheld
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
        {%- for quantity in quantities %}
            max(case when quantity = '{{ quantity }}' and is_withheld = 0 then value end) as {{ quantity }},
        {%- endfor %}
        {{ joined_texts("case when is_withheld = 1 then quantity end", ", ") }} as withheld_quantities,
        max(known_at) as known_at
    from figures
    group by service_id, period_kind, period_start, period_end
)

select * from by_period
