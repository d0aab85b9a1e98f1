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

{#- Whether services with a digital offer (int_digital_offers) are in a scope. -#}
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
