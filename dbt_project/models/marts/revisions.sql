{#- Figures that changed after they were published: reported ones, months of transaction events, and
    what reports state. -#}
{%- set columns -%}
    service_id,
    period_kind,
    period_start,
    period_end,
    definition_id,
    quantity,
    cast(old_value as double) as old_value,
    cast(new_value as double) as new_value,
    old_known_at,
    new_known_at,
    timing,
    cause,
    cause_source,
    relative_size,
    effect_pp,
    input
{%- endset -%}
{%- set of_reports = {
    'figure_id': dbt.type_string(), 'old_document': dbt.type_string(), 'old_line': 'bigint',
    'new_document': dbt.type_string(), 'new_line': 'bigint',
} -%}
{%- for changes in ['int_cell_revisions', 'int_event_revisions'] %}
select
    {{ columns }},
    {%- for column, type in of_reports.items() %}
    cast(null as {{ type }}) as {{ column }},
    {%- endfor %}
    is_simulated
from {{ known(changes) }}
union all
{%- endfor %}
select
    {{ columns }},
    {{ of_reports | join(',\n    ') }},
    is_simulated
from {{ known('int_claim_revisions') }}
order by service_id, period_start, quantity, figure_id, new_known_at
