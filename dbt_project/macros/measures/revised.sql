{#- How far a figure was changed, as a share of what it was: null from zero, and where either is missing. -#}
{% macro relative_size(old_value, new_value) -%}
    ({{ new_value }} - {{ old_value }}) / cast(nullif({{ old_value }}, 0) as double)
{%- endmacro %}

{#- By how many percentage points take-up is another after a change of its parts: null where there is no
    take-up before or after. -#}
{% macro take_up_change(old_digital, old_total, new_digital, new_total) -%}
    case
        when {{ old_digital }} <= {{ old_total }} and {{ new_digital }} <= {{ new_total }}
            then
                100 * (
                    ({{ new_digital }}) / cast(nullif({{ new_total }}, 0) as double)
                    - ({{ old_digital }}) / cast(nullif({{ old_total }}, 0) as double)
                )
    end
{%- endmacro %}
