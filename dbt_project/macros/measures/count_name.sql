{#- The name of a count as tables of warnings and revisions give it: `total_count`, `paper_count`,
    `total_received_count` for another measure than completed transactions. -#}
{% macro count_name(breakdown, measure) -%}
    case
        when {{ measure }} = 'completed' then concat({{ breakdown }}, '_count')
        else concat({{ breakdown }}, '_', {{ measure }}, '_count')
    end
{%- endmacro %}
