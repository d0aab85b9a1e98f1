{#- How a measure names its moment and what it reads. Its SQL stands in its model and serves twice:
    as a table, as of the run, and as a table function of any moment, `<name>_as_of(ts)`. In the
    published file both find the rest by names without a database, which changes with the file. -#}

{#- The moment as of which the measure is worked out, as a SQL expression. -#}
{% macro moment() -%}
    {{ 'cast(ts as ' ~ moment_type() ~ ')' if is_table_function() else run_moment() }}
{%- endmacro %}

{#- What another measure said at that moment. It is a model with a table function beside it, which
    must be there before the table function that calls it. -#}
{% macro known(measure) -%}
    {%- if is_table_function() -%}
        {%- do return(published_name(measure ~ '_as_of') ~ '(ts)') -%}
    {%- endif -%}
    {%- if not execute -%}
        {%- do ref(measure ~ '_as_of') -%}
    {%- endif -%}
    {%- do return(ref(measure)) -%}
{%- endmacro %}

{#- The same of what changed between two moments: a model with a table function of both beside it. -#}
{% macro known_between(measure) -%}
    {%- if is_table_function() -%}
        {%- do return(published_name(measure ~ '_between') ~ '(old_at, new_at)') -%}
    {%- endif -%}
    {%- if not execute -%}
        {%- do ref(measure ~ '_between') -%}
    {%- endif -%}
    {%- do return(ref(measure)) -%}
{%- endmacro %}

{#- The same of periods that end by a day only: a model with a table function of moment and day too. -#}
{% macro known_until(measure) -%}
    {%- if is_until_a_day() -%}
        {%- do return(published_name(measure ~ '_until') ~ '(ts, until_day)') -%}
    {%- endif -%}
    {%- if not execute -%}
        {%- do ref(measure ~ '_until') -%}
    {%- endif -%}
    {%- do return(known(measure)) -%}
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

{#- The whole of a table function: the SQL of its measure. -#}
{% macro as_of(measure) -%}
    {%- do ref(measure) -%}
    {%- do ref('warehouse_version') -%}
    {%- if execute -%}
        {{ render(model_named(measure).raw_code) }}
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
