{#- What a transaction that was not digital must have cost, in pounds, where both costs and both counts
    are known. It is null where it would say little: a cost is zero, digital is not the cheaper way,
    all is digital, or half a penny on both costs moves it by more than 10%. Never a saving. -#}
{% macro implied_offline_cost(cost, digital_cost, total, digital) -%}
{%- set offline_pounds = '(' ~ cost ~ ' * ' ~ total ~ ' - ' ~ digital_cost ~ ' * ' ~ digital ~ ')' -%}
case
    when
        {{ digital_cost }} > 0
        and {{ digital_cost }} < {{ cost }}
        and {{ digital }} < {{ total }}
        and 0.005 * ({{ total }} + {{ digital }}) <= 0.1 * {{ offline_pounds }}
        then {{ offline_pounds }} / ({{ total }} - {{ digital }})
end
{%- endmacro %}
