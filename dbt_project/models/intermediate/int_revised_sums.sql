{#- Sums over the quarters of a period as known at two moments: of a body, and of each of its services
    of which some quarter differs.

    One row per pair of moments, body (government, department), scope, definition, period and service;
    the body itself is the service ''. `..._only_...` are sums of quarters that are in the body at
    that moment and not at the other.
-#}
{%- set body -%}
    {relation}old_known_at,
    {relation}new_known_at,
    {relation}definition_id,
    {relation}level,
    {relation}department_id,
    {relation}scope
{%- endset -%}
{%- set only_counts -%}
        old_digital * is_on_one_side as old_only_digital,
        old_total * is_on_one_side as old_only_total,
        new_digital * is_on_one_side as new_only_digital,
        new_total * is_on_one_side as new_only_total
{%- endset -%}
{%- set placed_columns -%}
        states.old_known_at,
        states.new_known_at,
        states.definition_id,
        levels.level,
        {{ body_department('levels.level', 'states.department_id') }} as department_id,
        scopes.scope,
        states.quarter_index
{%- endset -%}
{%- set placed_groups = placed_columns | replace(' as department_id', '') -%}
{%- set side_counts -%}
        {aggregate}(case when {relation}.side = 'old' then {relation}.digital_count end) as old_digital,
        {aggregate}(case when {relation}.side = 'old' then {relation}.total_count end) as old_total,
        {aggregate}(case when {relation}.side = 'new' then {relation}.digital_count end) as new_digital,
        {aggregate}(case when {relation}.side = 'new' then {relation}.total_count end) as new_total
{%- endset -%}
with

published as (
    select * from {{ known('int_published_states') }}
),

states as (
    {{ paired_states_sql('published') | indent(4) }}
),

levels as (
    {{ body_levels_sql() | indent(4) }}
),

scopes as (
    {{ scopes_sql() | indent(4) }}
),

changed as (
    select
        old_known_at,
        new_known_at,
        definition_id,
        service_id,
        quarter_index
    from states
    group by old_known_at, new_known_at, definition_id, service_id, quarter_index
    having
        count(*) = 1
        or min(digital_count) <> max(digital_count)
        or min(total_count) <> max(total_count)
        or min(department_id) <> max(department_id)
        or min(digital_offer) <> max(digital_offer)
),

units as (
    select
        {{ placed_columns }},
        states.service_id,
        {{ side_counts | replace('{aggregate}', 'max') | replace('{relation}', 'states') }},
        case when count(distinct states.side) = 1 then 1 else 0 end as is_on_one_side
    from states
    inner join changed
        on
            states.old_known_at = changed.old_known_at
            and states.new_known_at = changed.new_known_at
            and states.definition_id = changed.definition_id
            and states.service_id = changed.service_id
            and states.quarter_index = changed.quarter_index
    cross join levels
    cross join scopes
    where levels.level <> 'organisation' and {{ is_in_scope('scopes.scope', 'states.digital_offer') }}
    group by {{ placed_groups }}, states.service_id
),

departments as (
    select
        old_known_at,
        new_known_at,
        side,
        definition_id,
        department_id,
        digital_offer,
        quarter_index,
        sum(digital_count) as digital_count,
        sum(total_count) as total_count
    from states
    group by old_known_at, new_known_at, side, definition_id, department_id, digital_offer, quarter_index
),

parts as (
    select
        {{ placed_columns | replace('states.', 'departments.') }},
        '' as service_id,
        {{ side_counts | replace('{aggregate}', 'sum') | replace('{relation}', 'departments') }},
        0 as old_only_digital,
        0 as old_only_total,
        0 as new_only_digital,
        0 as new_only_total
    from departments
    cross join levels
    cross join scopes
    where levels.level <> 'organisation' and {{ is_in_scope('scopes.scope', 'departments.digital_offer') }}
    group by {{ placed_groups | replace('states.', 'departments.') }}
    union all
    select
        {{ body | replace('{relation}', '') | indent(4) }},
        quarter_index,
        '' as service_id,
        0 as old_digital,
        0 as old_total,
        0 as new_digital,
        0 as new_total,
        {{ only_counts }}
    from units
    union all
    select
        {{ body | replace('{relation}', '') | indent(4) }},
        quarter_index,
        service_id,
        old_digital,
        old_total,
        new_digital,
        new_total,
        {{ only_counts }}
    from units
    where old_digital is distinct from new_digital or old_total is distinct from new_total
),

periods as (
    select
        period_kind,
        3 as reach,
        {{ explode_integers(0, 3) }} as quarters_on
    from ({{ year_kinds_sql() | indent(4) }}) as year_kinds
    union all
    select
        'quarter' as period_kind,
        0 as reach,
        0 as quarters_on
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
    {{ body | replace('{relation}', 'parts.') }},
    parts.service_id,
    periods.period_kind,
    periods.reach,
    {%- for count in ['digital', 'total', 'only_digital', 'only_total'] %}
        coalesce(sum(parts.old_{{ count }}), 0) as old_{{ count }},
        coalesce(sum(parts.new_{{ count }}), 0) as new_{{ count }},
    {%- endfor %}
    parts.quarter_index + periods.quarters_on as last_quarter
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
    {{ body | replace('{relation}', 'parts.') }},
    parts.service_id,
    periods.period_kind,
    periods.reach,
    parts.quarter_index + periods.quarters_on
