{#- Why the figure of a body differs between two publications, service by service.

    One row per body (government, department of today's structure), scope, period, definition, pair of
    publications and service of which some quarter differs. With C the quarters that are in the body
    at both moments, a service has the effect
        100 x (change of digital count - R x change of total) / T, of its quarters in C, R and T being
            the middle of C's take-up and of C's total at both moments: what did not change has none
        100 x w x (r - R^C) for its quarters that came, less that for those that went
    and all of them add up to the change.
-#}
{%- set keys = [
    'old_known_at', 'new_known_at', 'definition_id', 'level', 'department_id', 'scope', 'period_kind', 'last_quarter',
] -%}
with

sums as (
    select * from {{ known('int_revised_sums') }}
),

ratios as (
    select
        *,
        cast(old_digital as double) / old_total as old_ratio,
        cast(new_digital as double) / new_total as new_ratio,
        cast(old_digital - old_only_digital as double) / nullif(old_total - old_only_total, 0) as old_common_ratio,
        cast(new_digital - new_only_digital as double) / nullif(new_total - new_only_total, 0) as new_common_ratio,
        (old_total - old_only_total + new_total - new_only_total) / 2.0 as common_total
    from sums
    where service_id = '' and old_total > 0 and new_total > 0
),

-- Where one moment, or both, have no transactions in what is common, the other speaks for it.
bodies as (
    select
        *,
        coalesce(old_common_ratio, new_common_ratio, (old_ratio + new_ratio) / 2.0) as old_middle,
        coalesce(new_common_ratio, old_common_ratio, (old_ratio + new_ratio) / 2.0) as new_middle
    from ratios
),

effects as (
    select
        {%- for key in keys %}
            bodies.{{ key }},
        {%- endfor %}
        bodies.reach,
        bodies.old_ratio,
        bodies.new_ratio,
        services.service_id,
        100.0 * (services.new_only_digital - services.new_only_total * bodies.new_middle) / bodies.new_total as came_pp,
        -100.0 * (services.old_only_digital - services.old_only_total * bodies.old_middle) / bodies.old_total
            as withdrawn_pp,
        case
            when bodies.common_total > 0
                then
                    100.0 * (
                        services.new_digital - services.new_only_digital
                        - services.old_digital + services.old_only_digital
                        - (bodies.old_middle + bodies.new_middle) / 2.0 * (
                            services.new_total - services.new_only_total
                            - services.old_total + services.old_only_total
                        )
                    ) / bodies.common_total
            else 0.0
        end as restated_pp
    from bodies
    inner join sums as services
        on
            services.service_id <> ''
            {%- for key in keys %}
                and bodies.{{ key }} = services.{{ key }}
            {%- endfor %}
),

published as (
    select * from {{ known('int_published_states') }}
),

places as (
    select
        old_known_at,
        new_known_at,
        definition_id,
        service_id,
        max(case when side = 'old' then department_id end) <> max(case when side = 'new' then department_id end)
            as is_moved,
        max(case when side = 'old' and digital_offer = 'offers_both' then 1 else 0 end)
        <> max(case when side = 'new' and digital_offer = 'offers_both' then 1 else 0 end)
        and count(distinct side) = 2 as is_other_scope
    from (
        {{ paired_states_sql('published') | indent(8) }}
    ) as states
    group by old_known_at, new_known_at, definition_id, service_id
)

select
    effects.level,
    effects.department_id,
    effects.scope,
    effects.period_kind,
    {{ quarter_start('effects.last_quarter - effects.reach') }} as period_start,
    {{ quarter_end('effects.last_quarter') }} as period_end,
    effects.definition_id,
    effects.old_known_at,
    effects.new_known_at,
    effects.old_ratio,
    effects.new_ratio,
    effects.service_id,
    cast(effects.came_pp + effects.withdrawn_pp + effects.restated_pp as double) as effect_pp,
    case
        when effects.level = 'department' and places.is_moved then 'moved_department'
        when effects.scope = 'offers_both' and places.is_other_scope then 'scope'
        when abs(effects.came_pp) > abs(effects.withdrawn_pp) and abs(effects.came_pp) > abs(effects.restated_pp)
            then 'came'
        when abs(effects.withdrawn_pp) > abs(effects.restated_pp) then 'withdrawn'
        else 'restated'
    end as effect_kind,
    {{ is_simulated() }} as is_simulated
from effects
inner join places
    on
        effects.old_known_at = places.old_known_at
        and effects.new_known_at = places.new_known_at
        and effects.definition_id = places.definition_id
        and effects.service_id = places.service_id
order by
    effects.level,
    effects.department_id,
    effects.scope,
    effects.period_kind,
    effects.last_quarter,
    effects.new_known_at
