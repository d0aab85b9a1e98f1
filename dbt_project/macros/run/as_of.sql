{#- How a measure names its moment and what it reads. Its SQL stands in its model and serves twice:
    as a table, as of the run, and as a table function of any moment, `<name>_as_of(ts)`. In the
    published file both find the rest by names without a database, which changes with the file. -#}

{#- The moment as of which the measure is worked out, as a SQL expression. -#}
{% macro moment() -%}
    {{ 'cast(ts as ' ~ moment_type() ~ ')' if is_table_function() else run_moment() }}
{%- endmacro %}

{#- What another measure said at that moment: in a model its table, in a table function a part of the
    same statement, which is worked out once however many others read it. -#}
{% macro known(measure) -%}
    {%- do return(part_of_function(measure) if is_table_function() else ref(measure)) -%}
{%- endmacro %}

{#- The name of a measure among the parts of the table function that is being rendered. Its SQL is
    rendered where it is first asked for, and what it reads is a part before it. -#}
{% macro part_of_function(measure) -%}
    {%- if measure not in model.setdefault('parts', {}) -%}
        {%- set sql = render(model_named(measure).raw_code) -%}
        {%- do model.parts.update({measure: sql}) -%}
    {%- endif -%}
    {%- do return('as_known_' ~ measure) -%}
{%- endmacro %}

{#- The day by which periods have to end to count, as a SQL expression: any, where none is asked. -#}
{% macro until_day() -%}
    {{ "cast(until_day as date)" if is_until_a_day() else "date '9999-12-31'" }}
{%- endmacro %}

{% macro is_until_a_day() -%}
    {%- do return(is_table_function() and 'until_day' in (model.config.parameters or [])) -%}
{%- endmacro %}

{#- A table that is the same at every moment, or says of each row since when it was known. -#}
{% macro stored(table) -%}
    {%- do return(published_name(table) if is_table_function() else ref(table)) -%}
{%- endmacro %}

{#- The whole of a table function: the SQL of its measure, after that of every measure that it is
    made of. -#}
{% macro as_of(measure) -%}
    {%- do ref(measure) -%}
    {%- do ref('warehouse_version') -%}
    {%- if execute -%}
        {%- set asked = part_of_function(measure) -%}
        with
        {% for name, sql in model.parts.items() -%}
        as_known_{{ name }} as (
            {{ sql }}
        ){{ "," if not loop.last }}
        {% endfor %}
        select * from {{ asked }}
    {%- endif -%}
{%- endmacro %}

{% macro is_table_function() -%}
    {%- do return(model.config.materialized == 'table_function') -%}
{%- endmacro %}

{% macro model_named(name) -%}
    {%- do return(graph.nodes['model.' ~ project_name ~ '.' ~ name]) -%}
{%- endmacro %}

{% macro published_name(name) -%}
    {%- set node = model_named(name) -%}
    {%- if node.schema not in [target.schema, 'as_of'] -%}
        {%- do exceptions.raise_compiler_error(name ~ " is not in the published file, where " ~ model.name ~ " needs it") -%}
    {%- endif -%}
    {%- do return(node.alias if node.schema == target.schema else node.schema ~ '.' ~ node.alias) -%}
{%- endmacro %}
