{#- How the services that can be compared moved, year upon year, by docs/measures.md, "Like for like".

    One row per body (government, department of today's structure), scope, definition and quarter or
    month with a link: the change within services against the same one a year before. Links of one
    and the same calendar quarter (month) are added up from their base. Where a year has no link the
    chain begins anew.
-#}
{%- set chain = "level, department_id, scope, definition_id, period_kind, month(period_start)" -%}
with

links as (
    select
        *,
        {{ within_pp('changes', 'changes') }} as change_pp,
        year(period_start) - row_number() over (partition by {{ chain }} order by period_start) as chain_number
    from {{ known('int_body_changes') }} as changes
    where
        period_kind in ('month', 'quarter')
        and comparison = 'year'
        and level <> 'organisation'
        and {{ is_split('changes') }}
)

select
    level,
    department_id,
    scope,
    period_kind,
    period_start,
    period_end,
    definition_id,
    min(from_period_start) over (partition by {{ chain }}, chain_number) as base_period_start,
    cast(change_pp as double) as change_pp,
    cast(
        sum(change_pp) over (
            partition by {{ chain }}, chain_number
            order by period_start
            rows between unbounded preceding and current row
        ) as double
    ) as cumulative_pp,
    cast(services_compared as bigint) as services_count,
    -- Of all that the body had measured in the later of the two.
    cast(compared_total_after / cast(total_after as double) as double) as volume_share,
    {{ is_simulated() }} as is_simulated
from links
order by level, department_id, scope, definition_id, period_kind, period_end
