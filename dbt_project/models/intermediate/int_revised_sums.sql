{#- Sums over the quarters of a period as known at two moments: of a body, and of each of its services
    of which some quarter differs.

    One row per pair of moments, body (government, department), scope, definition, period and service;
    the body itself is the service ''. `..._only_...` are sums of quarters that are in the body at
    that moment and not at the other.
-#}
{%- set body = ["old_known_at", "new_known_at", "definition_id", "level", "department_id", "scope"] -%}
{%- set counts = ['old_digital', 'old_total', 'new_digital', 'new_total'] -%}
with

states as (
    select * from {{ known_between('int_published_states') }}
),

levels as (
    {{ body_levels_sql() | indent(4) }}
),

scopes as (
    {{ scopes_sql() | indent(4) }}
),

units as (
    select
        states.old_known_at,
        states.new_known_at,
        states.definition_id,
        levels.level,
        {{ body_department('levels.level', 'states.department_id') }} as department_id,
        scopes.scope,
        states.service_id,
        states.quarter_index,
        {%- for side in ['old', 'new'] %}
        max(case when states.side = '{{ side }}' then states.digital_count end) as {{ side }}_digital,
        max(case when states.side = '{{ side }}' then states.total_count end) as {{ side }}_total{{ ',' if not loop.last }}
        {%- endfor %}
    from states
    cross join levels
    cross join scopes
    where levels.level <> 'organisation' and {{ is_in_scope('scopes.scope', 'states.digital_offer') }}
    group by
        states.old_known_at,
        states.new_known_at,
        states.definition_id,
        levels.level,
        {{ body_department('levels.level', 'states.department_id') }},
        scopes.scope,
        states.service_id,
        states.quarter_index
),

flagged as (
    select
        *,
        case when old_total is null or new_total is null then 1 else 0 end as is_on_one_side
    from units
),

{%- set sums %}
        {%- for count in counts %}
        sum({{ count }}) as {{ count }},
        sum({{ count }} * is_on_one_side) as {{ count | replace('_', '_only_') }},
        {%- endfor %}
        sum(is_on_one_side) as units_on_one_side
{%- endset %}

parts as (
    select
        {{ body | join(', ') }},
        '' as service_id,
        quarter_index,
        {{- sums }}
    from flagged
    group by {{ body | join(', ') }}, quarter_index
    union all
    select
        {{ body | join(', ') }},
        service_id,
        quarter_index,
        {{- sums }}
    from flagged
    where old_digital is distinct from new_digital or old_total is distinct from new_total
    group by {{ body | join(', ') }}, service_id, quarter_index
),

periods as (
    select
        period_kind,
        reach,
        {{ explode_integers(0, 'reach') }} as quarters_on
    from (
        select
            'quarter' as period_kind,
            0 as reach
        union all
        select
            period_kind,
            3 as reach
        from ({{ year_kinds_sql() | indent(8) }}) as year_kinds
    ) as kinds
),

-- Both moments know the total of somebody in the first and in the last of these quarters.
spans as (
    select
        old_known_at,
        new_known_at,
        definition_id,
        max(range_first) as range_first,
        min(range_last) as range_last
    from states
    group by old_known_at, new_known_at, definition_id
    having count(distinct side) = 2
)

select
    {%- for column in body %}
    parts.{{ column }},
    {%- endfor %}
    parts.service_id,
    periods.period_kind,
    periods.reach,
    parts.quarter_index + periods.quarters_on as last_quarter,
    {%- for count in counts %}
    coalesce(sum(parts.{{ count }}), 0) as {{ count }},
    coalesce(sum(parts.{{ count | replace('_', '_only_') }}), 0) as {{ count | replace('_', '_only_') }}{{ ',' if not loop.last }}
    {%- endfor %}
from parts
cross join periods
inner join spans
    on
        parts.old_known_at = spans.old_known_at
        and parts.new_known_at = spans.new_known_at
        and parts.definition_id = spans.definition_id
        and parts.quarter_index + periods.quarters_on <= spans.range_last
        and parts.quarter_index + periods.quarters_on - periods.reach >= spans.range_first
where periods.period_kind <> 'financial_year' or (parts.quarter_index + periods.quarters_on) % 4 = 0
group by
    {%- for column in body %}
    parts.{{ column }},
    {%- endfor %}
    parts.service_id,
    periods.period_kind,
    periods.reach,
    parts.quarter_index + periods.quarters_on
