{#- The definition by which a source split what it reports, from the variable of that name. -#}
{% macro definition_of_source(event_source) -%}
    {%- set by_source = var('definition_of_source') -%}
    {%- if by_source | length == 1 -%}
        {{ text_literal(by_source['default']) }}
    {%- else -%}
        case {{ event_source }}
            {%- for source, definition_id in by_source.items() if source != 'default' %}
            when {{ text_literal(source) }} then {{ text_literal(definition_id) }}
            {%- endfor %}
            else {{ text_literal(by_source['default']) }}
        end
    {%- endif -%}
{%- endmacro %}
