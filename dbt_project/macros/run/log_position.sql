{#- The version of the log up to which the table that is being built holds it; -1 for a table that
    is made from the beginning.

    `takeup build` says which version the last finished build held. Without that word everything is
    read again, and rows of the same commits take the place of those that are there. -#}
{% macro held_log_version() -%}
    {%- do return(stated_log_version() if is_incremental() else -1) -%}
{%- endmacro %}

{% macro stated_log_version() -%}
    {%- set held = given_input('held_log_version') -%}
    {%- do return(-1 if held is none else held | int) -%}
{%- endmacro %}

{#- What a test may say of itself with `where`: dbt reads that once and for all, so a name stands
    there for the version of the log that only the run knows. -#}
{% macro get_where_subquery(relation) -%}
    {%- set where = (config.get('where') or '') | replace('__held_log_version__', stated_log_version() | string) -%}
    {%- do return(
        "(select * from " ~ relation ~ " where " ~ where ~ ") as tested" if where else relation
    ) -%}
{%- endmacro %}
