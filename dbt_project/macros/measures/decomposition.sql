{#- The change of a body's take-up, split exactly, by docs/measures.md, "Decomposition".

    What a part of a body (a service, or the whole of it) adds to each of the four terms, in
    percentage points, from sums of counts: `part` and `body` are relations with the columns of
    decomposition_sums(). All terms are linear in the part's sums, so the parts of a body add up
    to it. R is the take-up of the whole, C that of what is measured on both sides:
        within = 100 x (within_before / total of C before + within_after / total of C after)
        mix    = 100 x ((r0 + r1) / 2 - (R0^C + R1^C) / 2) x (s1 - s0)
    and what is measured on one side only weighs 100 x w x (r - R^C) there.
-#}
{% macro decomposition_sums() -%}
    {%- set names = ['within_before', 'within_after'] -%}
    {%- for group in ['', 'compared_', 'entered_'] -%}
        {%- for count in ['digital_before', 'total_before', 'digital_after', 'total_after'] -%}
            {%- do names.append(group ~ count) -%}
        {%- endfor -%}
    {%- endfor -%}
    {%- do return(names) -%}
{%- endmacro %}

{#- Whether the change can be split: something is measured on both sides. -#}
{% macro is_split(body) -%}
    ({{ body }}.compared_total_before > 0 and {{ body }}.compared_total_after > 0)
{%- endmacro %}

{% macro within_pp(part, body) -%}
    100.0 * (
        {{ part }}.within_before / cast({{ body }}.compared_total_before as double)
        + {{ part }}.within_after / cast({{ body }}.compared_total_after as double)
    )
{%- endmacro %}

{% macro mix_pp(part, body) -%}
    100.0 * (
        ({{ part }}.compared_digital_after - {{ part }}.within_after)
        / cast({{ body }}.compared_total_after as double)
        - ({{ part }}.compared_digital_before + {{ part }}.within_before)
        / cast({{ body }}.compared_total_before as double)
        - (
            {{ body }}.compared_digital_before / cast({{ body }}.compared_total_before as double)
            + {{ body }}.compared_digital_after / cast({{ body }}.compared_total_after as double)
        ) / 2.0 * (
            {{ part }}.compared_total_after / cast({{ body }}.compared_total_after as double)
            - {{ part }}.compared_total_before / cast({{ body }}.compared_total_before as double)
        )
    )
{%- endmacro %}

{% macro entry_exit_pp(part, body) -%}
    100.0 * (
        {{ _outside(part ~ '.entered_digital_after', part ~ '.entered_total_after', body, 'after') }}
        - {{ _outside(part ~ '.entered_digital_before', part ~ '.entered_total_before', body, 'before') }}
    )
{%- endmacro %}

{% macro coverage_pp(part, body) -%}
    100.0 * (
        {{ _outside(_unreturned(part, 'digital_after'), _unreturned(part, 'total_after'), body, 'after') }}
        - {{ _outside(_unreturned(part, 'digital_before'), _unreturned(part, 'total_before'), body, 'before') }}
    )
{%- endmacro %}

{#- What is neither measured on both sides nor entered or left. -#}
{% macro _unreturned(part, count) -%}
    ({{ part }}.{{ count }} - {{ part }}.compared_{{ count }} - {{ part }}.entered_{{ count }})
{%- endmacro %}

{#- w x (r - R^C) on one side, from counts. -#}
{% macro _outside(digital, total, body, side) -%}
    (
            {{ digital }}
            - {{ total }} * ({{ body }}.compared_digital_{{ side }} / cast({{ body }}.compared_total_{{ side }} as double))
        ) / cast({{ body }}.total_{{ side }} as double)
{%- endmacro %}
