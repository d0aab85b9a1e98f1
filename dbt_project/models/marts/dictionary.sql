{#- Made from the project itself, so that no column is described twice or not at all. -#}
{#- Every other table: dbt has to know before it knows the graph. -#}
{%- set tables = [
    'aggregate_revisions', 'assisted_digital', 'assisted_routes', 'basis_comparison', 'campaign_events',
    'campaigns', 'channel_shares', 'channel_shift', 'channel_shift_contributions',
    'channel_shift_decomposition', 'channel_volumes', 'commitments', 'completion_exclusions',
    'contact_counts', 'contacts', 'corrections_waiting', 'data_quality', 'definition_classes',
    'department_take_up', 'exemplars', 'feedback_counts', 'figure_reconciliation', 'headline_flows', 'inclusion',
    'ingest_ledger', 'large_services', 'management_information', 'mart_barriers', 'mart_definitions',
    'mart_service_channels', 'mart_services', 'mart_target_paths', 'mart_targets', 'mart_unit_costs',
    'mi_returns', 'offline_volumes', 'promises', 'publications', 'published_figures', 'report_claims',
    'report_subjects', 'reported_cells', 'reported_costs', 'return_records', 'revisions', 'run_history',
    'savings', 'service_listings', 'service_measures', 'service_presence', 'service_summary', 'set_asides',
    'start_adjustments', 'strategy_tests', 'take_up', 'take_up_headline', 'take_up_like_for_like',
    'target_attainment', 'target_projections', 'transaction_adjustments', 'transaction_counts',
    'unmeasured_services', 'unregistered', 'warehouse_version',
] -%}
{%- set rows = [] -%}
{%- set reasons = {} -%}
{%- if execute -%}
    {%- for node in graph.nodes.values() | sort(attribute='alias') -%}
        {%- if node.resource_type == 'model' and node.schema == target.schema and node.columns -%}
            {%- if node.name not in tables and node.name != model.name -%}
                {%- do exceptions.raise_compiler_error(node.name ~ ' is missing in the list of tables in dictionary.sql') -%}
            {%- endif -%}
            {%- do reasons.update({node.name: node.config.meta.empty_because | trim}) -%}
            {%- for column in node.columns.values() -%}
                {%- do rows.append([
                    node.alias, loop.index, column.name, column.data_type, column.description
                ]) -%}
            {%- endfor -%}
        {%- endif -%}
    {%- endfor -%}
{%- endif -%}

with

described as (
    select * from (
        values
        {%- for row in rows %}
            (
                {{ text_literal(row[0]) }},
                {{ row[1] }},
                {{ text_literal(row[2]) }},
                {{ text_literal(row[3] | upper) }},
                {{ text_literal(row[4] | trim | replace('\n', ' ')) }}
            ){{ "," if not loop.last }}
        {%- else %}
            ('', 0, '', '', '')
        {%- endfor %}
    ) as described (table_name, column_number, column_name, data_type, description)
    where column_number > 0
),

empty_tables as (
    {%- for table in tables %}
        select
            {{ text_literal(table | replace('mart_', '')) }} as table_name,
            {{ text_literal(reasons.get(table, '')) }} as empty_because
        from {{ ref(table) }}
        having count(*) = 0
        {%- if not loop.last %}
            union all
        {%- endif %}
    {%- endfor %}
)

select
    described.table_name,
    cast(described.column_number as bigint) as column_number,
    described.column_name,
    described.data_type,
    described.description,
    empty_tables.empty_because,
    {{ is_simulated() }} as is_simulated
from described
left join empty_tables
    on described.table_name = empty_tables.table_name
order by described.table_name, described.column_number
