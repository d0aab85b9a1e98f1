{#- Campaigns as known at a moment, one row each: a relation for a select. -#}
{% macro known_campaigns() -%}
    (
            select *
            from {{ stored('campaign_events') }} as campaign_events
            where
                campaign_events.known_at <= {{ moment() }}
                and {{ counts_at(moment(), 'campaign_events') }}
        )
{%- endmacro %}
