{#- What a published total may be off by because its source rounded it: half a unit for every quarter
    up to the last day of rounding. Months are not published so. -#}
{% macro rounding_slack(period_kind, period_start, period_end, unit, until) -%}
    case
        when {{ period_kind }} = 'month' then 0.0
        else coalesce(
            {{ unit }} / 2.0 * greatest(
                0,
                {{ quarter_index('least(' ~ period_end ~ ', coalesce(' ~ until ~ ", cast('9999-12-31' as date)))") }} + 1
                - {{ quarter_index(period_start) }}
            ),
            0.0
        )
    end
{%- endmacro %}

{#- The least and the most that take-up may be, given what its total may be off by. -#}
{% macro least_take_up(digital, total, slack) -%}
    {{ digital }} / cast({{ total }} + {{ slack }} as double)
{%- endmacro %}

{% macro most_take_up(digital, total, slack) -%}
    case
        when {{ total }} - {{ slack }} <= {{ digital }} then 1.0
        else {{ digital }} / cast({{ total }} - {{ slack }} as double)
    end
{%- endmacro %}
