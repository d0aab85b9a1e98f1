{#- The version of the log up to which the table that is being built holds it; -1 for a table that
    is made from the beginning.

    `takeup build` says which version the last finished build held. Without that word everything is
    read again, and rows of the same commits take the place of those that are there. -#}
{% macro held_log_version() -%}
    {%- do return((var('held_log_version', -1) | int) if is_incremental() else -1) -%}
{%- endmacro %}
