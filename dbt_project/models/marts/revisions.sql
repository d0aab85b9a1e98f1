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
{%- set text = dbt.type_string() -%}
{%- set of_reports = ['figure_id', 'subject_id', 'old_document', 'old_line', 'new_document', 'new_line'] -%}
{%- set not_of_reports = [] -%}
{%- for column in of_reports -%}
    {%- set type = 'bigint' if column.endswith('_line') else text -%}
    {%- do not_of_reports.append('cast(null as ' ~ type ~ ') as ' ~ column) -%}
{%- endfor -%}
select
    {{ columns }},
    {{ not_of_reports | join(',\n    ') }},
    is_simulated
from {{ known('int_cell_revisions') }}
union all
select
    {{ columns }},
    {{ not_of_reports | join(',\n    ') }},
    is_simulated
from {{ known('int_event_revisions') }}
union all
select
    {{ columns }},
    {{ of_reports | join(',\n    ') }},
    is_simulated
from {{ known('int_claim_revisions') }}
order by service_id, period_start, quantity, figure_id, new_known_at
