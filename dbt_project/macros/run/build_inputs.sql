{#- What a build is made from, as far as a model may use it. Nothing here asks the clock, so that a
    replay of the same log gives the same tables. Parsing needs no inputs, building does. -#}

{#- An input by its name, none where it is not given. `takeup build` gives them in the environment,
    as JSON: dbt would parse the whole project anew for every other value of a variable. A
    variable goes first: tests of models give theirs so. -#}
{% macro given_input(name) -%}
    {%- set inputs = fromjson(dbt_metadata_envs.get('TAKEUP_BUILD_INPUTS', '{}')) -%}
    {%- do return(var(name, inputs.get(name))) -%}
{%- endmacro %}

{% macro build_input(name) -%}
    {%- set value = given_input(name) -%}
    {#- They are left as they are where only the log has grown. -#}
    {%- if is_table_function() -%}
        {%- do exceptions.raise_compiler_error(
            "a table function can't know the build input " ~ name ~ ", which is another one each night"
        ) -%}
    {%- endif -%}
    {%- if value is none and execute and flags.WHICH not in ['parse', 'list', 'ls', 'docs', 'generate'] -%}
        {%- do exceptions.raise_compiler_error(
            "the build input " ~ name ~ " is missing: a build is started by `takeup build`, which takes it from the log"
        ) -%}
    {%- endif -%}
    {%- do return(value) -%}
{%- endmacro %}

{#- The moment of the run, as a SQL expression. -#}
{% macro run_moment() -%}
    {{ moment_literal(build_input('run_at')) }}
{%- endmacro %}

{#- Whether the log is a simulated one, as a SQL expression. -#}
{% macro is_simulated() -%}
    {%- if is_table_function() -%}
    (select version.is_simulated from {{ stored('warehouse_version') }} as version)
    {%- else -%}
    cast({{ 'true' if (build_input('is_simulated') | string | lower) == 'true' else 'false' }} as boolean)
    {%- endif -%}
{%- endmacro %}

{#- An input as a SQL text, or a typed null. -#}
{% macro build_input_text(name) -%}
    {%- set value = build_input(name) -%}
    {{ 'cast(null as ' ~ dbt.type_string() ~ ')' if value is none else text_literal(value) }}
{%- endmacro %}
