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
    {% for row in rows %}
    select
        {{ text_literal(row[0]) }} as table_name,
        cast({{ row[1] }} as bigint) as column_number,
        {{ text_literal(row[2]) }} as column_name,
        {{ text_literal(row[3] | upper) }} as data_type,
        {{ text_literal(row[4] | trim | replace('\n', ' ')) }} as description
    {{ "union all" if not loop.last }}
    {% else %}
    select
        cast(null as {{ dbt.type_string() }}) as table_name,
        cast(null as bigint) as column_number,
        cast(null as {{ dbt.type_string() }}) as column_name,
        cast(null as {{ dbt.type_string() }}) as data_type,
        cast(null as {{ dbt.type_string() }}) as description
    where false
    {% endfor %}
)

select
    table_name,
    column_number,
    column_name,
    data_type,
    description,
    {{ is_simulated() }} as is_simulated
from described
order by table_name, column_number
