{#- The query of campaigns as known at a moment, one row each. -#}
{% macro known_campaigns() -%}
    select *
    from {{ stored('campaign_events') }}
    where known_at <= {{ moment() }} and {{ counts_at(moment()) }}
{%- endmacro %}
