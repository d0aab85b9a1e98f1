{#- Which units (months, quarters) of a period stand beside which earlier ones, one row per pair.

    `units_on` is how many units before the period's last one the later of the pair lies, `distance` how many
    units before that the earlier, `reach` how many units before the last one the earlier period
    begins. A month or quarter is its own unit, a year has its four quarters, each beside the same
    quarter of the other year: a rolling year and the one a quarter before share three of them.
-#}
{% macro comparisons_sql() -%}
    {%- set year = [(0, 4), (1, 4), (2, 4), (3, 4)] -%}
    {%- set comparisons = [
        ('month', 'month', 'previous', 1, [(0, 1)]),
        ('month', 'month', 'year', 12, [(0, 12)]),
        ('quarter', 'quarter', 'previous', 1, [(0, 1)]),
        ('quarter', 'quarter', 'year', 4, [(0, 4)]),
        ('quarter', 'rolling_year', 'previous', 4, [(0, 4), (1, 0), (2, 0), (3, 0)]),
        ('quarter', 'rolling_year', 'year', 7, year),
        ('quarter', 'financial_year', 'previous', 7, year),
        ('quarter', 'financial_year', 'year', 7, year),
    ] -%}
    {%- for level, period_kind, comparison, reach, pairs in comparisons -%}
        {%- set last = loop.last -%}
        {%- for units_on, distance in pairs -%}
select
    '{{ level }}' as level,
    '{{ period_kind }}' as period_kind,
    '{{ comparison }}' as comparison,
    {{ units_on }} as units_on,
    {{ distance }} as distance,
    {{ reach }} as reach
{% if not (last and loop.last) -%}
union all
{% endif -%}
        {%- endfor -%}
    {%- endfor -%}
{%- endmacro %}
