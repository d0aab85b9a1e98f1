{#- The levels of bodies, one row each. -#}
{% macro body_levels_sql() -%}
select 'government' as level
union all
select 'department' as level
union all
select 'organisation' as level
{%- endmacro %}

{#- The scopes in which a body's services are counted together, one row each. -#}
{% macro scopes_sql() -%}
select 'all' as scope
union all
select 'offers_both' as scope
{%- endmacro %}

{#- Whether a part of a complete quarter is at least 1% of it: 1 or 0. -#}
{% macro is_at_least_one_percent(part, total) -%}
    case when 100 * {{ part }} >= {{ total }} then 1 else 0 end
{%- endmacro %}

{#- What a service's complete quarters show that it offers: `offers_both` where one and the same has at
    least 1% digital and at least 1% other, `never_digital` where none reaches 1% digital,
    `digital_only` where none reaches 1% other, `switched` where it went from the one to the other
    between two quarters. -#}
{% macro digital_offer(is_digital, is_other) -%}
    case
        when max({{ is_digital }} * {{ is_other }}) = 1 then 'offers_both'
        when max({{ is_digital }}) = 0 then 'never_digital'
        when max({{ is_other }}) = 0 then 'digital_only'
        else 'switched'
    end
{%- endmacro %}

{#- The query of what services offer under each definition, by the complete quarters of a relation. -#}
{% macro digital_offers_sql(quarters) -%}
select
    service_id,
    definition_id,
    {{ digital_offer('is_digital', 'is_other') }} as digital_offer
from (
    select
        service_id,
        definition_id,
        {{ is_at_least_one_percent('digital_count', 'total_count') }} as is_digital,
        {{ is_at_least_one_percent('(total_count - digital_count)', 'total_count') }} as is_other
    from {{ quarters }}
) as parts_of_quarters
group by service_id, definition_id
{%- endmacro %}

{#- Whether services with a digital offer (see digital_offer) are in a scope. -#}
{% macro is_in_scope(scope, digital_offer) -%}
    ({{ scope }} = 'all' or {{ digital_offer }} = 'offers_both')
{%- endmacro %}

{#- The department and the organisation by which a body of a level is named; see body_levels_sql. -#}
{% macro body_department(level, department_id) -%}
    case when {{ level }} = 'government' then 'all' else {{ department_id }} end
{%- endmacro %}

{% macro body_organisation(level, organisation_id) -%}
    case when {{ level }} = 'organisation' then {{ organisation_id }} end
{%- endmacro %}

{#- Whether there is such a body: what names no department or organisation belongs to none. -#}
{% macro is_body(level, department_id, organisation_id) -%}
    case {{ level }}
        when 'department' then {{ department_id }} is not null
        when 'organisation' then {{ organisation_id }} is not null
        else true
    end
{%- endmacro %}

{#- Two moments in succession beside each other: the rows of int_published_states, those of the earlier
    moment as the side `old`, those of the later one as `new`. -#}
{% macro paired_states_sql(states) %}
with

moments as (
    select distinct
        moment_number,
        known_at
    from {{ states }}
)

select
    earlier.known_at as old_known_at,
    later.known_at as new_known_at,
    case when states.moment_number = earlier.moment_number then 'old' else 'new' end as side,
    states.*
from {{ states }} as states
inner join moments as earlier
    on states.moment_number = earlier.moment_number or states.moment_number - 1 = earlier.moment_number
inner join moments as later
    on earlier.moment_number + 1 = later.moment_number
{% endmacro %}
