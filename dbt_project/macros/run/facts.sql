{#- Facts of the run that a model may use. Nothing here asks the clock, so that a replay of the
    same log gives the same tables. Parsing needs no run, building does. -#}

{#- A fact by its name, none where it is not stated. `takeup build` states them in the environment,
    as JSON: dbt would parse the whole project anew for every other value of a variable. A
    variable goes first: tests of models state theirs so. -#}
{% macro stated_fact(name) -%}
    {%- set facts = fromjson(dbt_metadata_envs.get('TAKEUP_FACTS', '{}')) -%}
    {%- do return(var(name, facts.get(name))) -%}
{%- endmacro %}

{% macro run_fact(name) -%}
    {%- set value = stated_fact(name) -%}
    {%- if value is none and execute and flags.WHICH not in ['parse', 'list', 'ls', 'docs', 'generate'] -%}
        {%- do exceptions.raise_compiler_error(
            "the fact " ~ name ~ " is missing: a build is started by `takeup build`, which takes it from the log"
        ) -%}
    {%- endif -%}
    {%- do return(value) -%}
{%- endmacro %}

{#- The moment of the run, as a SQL expression. -#}
{% macro run_moment() -%}
    {{ moment_literal(run_fact('run_at')) }}
{%- endmacro %}

{#- Whether the log is a simulated one, as a SQL expression. -#}
{% macro is_simulated() -%}
    cast({{ 'true' if (run_fact('is_simulated') | string | lower) == 'true' else 'false' }} as boolean)
{%- endmacro %}

{#- A text fact of the run, quoted, or a typed null. -#}
{% macro text_fact(name) -%}
    {%- set value = run_fact(name) -%}
    {{ 'cast(null as ' ~ dbt.type_string() ~ ')' if value is none else text_literal(value) }}
{%- endmacro %}

{% macro text_literal(value) -%}
    '{{ value | string | replace("'", "''") }}'
{%- endmacro %}
