{#- Made from the project itself, so that no column is described twice or not at all. -#}
{%- set rows = [] -%}
{%- if execute -%}
    {%- for node in graph.nodes.values() | sort(attribute='alias') -%}
        {%- if node.resource_type == 'model' and node.schema == target.schema -%}
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
)

select
    table_name,
    cast(column_number as bigint) as column_number,
    column_name,
    data_type,
    description,
    {{ is_simulated() }} as is_simulated
from described
order by table_name, column_number
