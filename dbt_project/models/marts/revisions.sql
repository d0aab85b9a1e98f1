{#- Figures that changed after they were published: reported ones, and months of transaction events. -#}
{%- set columns -%}
    service_id,
    period_kind,
    period_start,
    period_end,
    definition_id,
    quantity,
    old_value,
    new_value,
    old_known_at,
    new_known_at,
    timing,
    cause,
    cause_source,
    relative_size,
    effect_pp,
    input,
    is_simulated
{%- endset -%}
select
    {{ columns }}
from {{ known('int_cell_revisions') }}
union all
select
    {{ columns }}
from {{ known('int_event_revisions') }}
order by service_id, period_start, quantity, new_known_at
