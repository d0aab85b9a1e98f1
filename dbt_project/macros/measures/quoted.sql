{#- Which row of take_up to quote for a service and period, the first in this order: of the
    authoritative basis, under the definition in force, completed transactions before others. -#}
{% macro quoted_first() -%}
case when is_authoritative then 0 else 1 end,
case when is_default_definition then 0 else 1 end,
case measure when 'completed' then 0 when 'processed' then 1 else 2 end,
definition_id,
measure,
basis
{%- endmacro %}
