{#- Whether events, and not what was reported, are authoritative by a row of the register
    service_channels on a day: 1 or 0. Before the day from which one is, the other one is. -#}
{% macro events_are_authoritative(registered, day) -%}
    case
            when
                ({{ registered }}.authoritative_from is null or {{ registered }}.authoritative_from <= {{ day }})
                = ({{ registered }}.basis = 'events')
                then 1
            else 0
        end
{%- endmacro %}

{#- Whether a row of the register service_channels says that a service has a channel on a day. -#}
{% macro channel_is_expected(registered, day) -%}
    {{ registered }}.expectation = 'expected'
            and coalesce({{ registered }}.valid_from, date '0001-01-01') <= {{ day }}
            and coalesce({{ registered }}.valid_to, date '9999-12-31') >= {{ day }}
{%- endmacro %}

{#- The query of services of which something was reported, as known at a moment: elsewhere events
    are all that there is, and authoritative whatever the register says. -#}
{% macro reported_services() -%}
    select distinct service_id
    from {{ known('int_shown_cells') }}
{%- endmacro %}
