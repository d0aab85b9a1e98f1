{#- The services that count towards bodies: flows that a publication or the register names at the
    moment asked. A caseload is not a transaction. -#}
{% macro known_flows_sql() -%}
select distinct service_id
from {{ stored('service_listings') }}
where
    volume_kind = 'flow'
    and known_from <= {{ moment() }}
    and {{ counts_at(moment()) }}
{%- endmacro %}
