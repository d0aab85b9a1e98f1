{#- What holds for a table's rows, in one pass over it: one row per rule that is broken, with how many
    rows break it and one of them, by the table's grain. A test of each rule by itself costs a query
    and far more of dbt's own time each.

    never_null: columns in which every row has a value.
    not_empty: texts that hold more than white space.
    accepted_values: per column the values that it may have.
    at_least: per column its minimum.
    finite: numbers that are neither NaN nor infinite.
    ratio: numbers between 0 and 1; NaN and infinity break the rule as well.
    holds: per name a condition on each row; one that is null does not hold.
    unique: columns in which no value comes twice; nulls may.
    unique_combination: columns that together name a row, the table's grain. Nulls count as equal. -#}
{% test rules(
    model, never_null=[], not_empty=[], accepted_values={}, at_least={}, finite=[], ratio=[], holds={},
    unique=[], unique_combination=[]
) %}
{{ config(fail_calc="coalesce(cast(sum(rows_count) as bigint), 0)") }}
{%- set by_row = [] -%}
{%- for column in not_empty -%}
    {%- do by_row.append(("not_empty", column, "trim(" ~ column ~ ") = ''")) -%}
{%- endfor -%}
{%- for column, values in accepted_values.items() -%}
    {%- set accepted = [] -%}
    {%- for value in values -%}
        {%- do accepted.append("'" ~ value ~ "'" if value is string else value) -%}
    {%- endfor -%}
    {%- do by_row.append(("accepted_values", column, column ~ " not in (" ~ accepted | join(", ") ~ ")")) -%}
{%- endfor -%}
{%- for column, minimum in at_least.items() -%}
    {%- do by_row.append(("at_least", column, column ~ " < " ~ minimum)) -%}
{%- endfor -%}
{%- for column in finite -%}
    {%- set is_finite = column ~ " > cast('-Infinity' as double) and " ~ column ~ " < cast('Infinity' as double)" -%}
    {%- do by_row.append(("finite", column, column ~ " is not null and not (" ~ is_finite ~ ")")) -%}
{%- endfor -%}
{%- for column in ratio -%}
    {%- set is_ratio = column ~ " >= 0.0 and " ~ column ~ " <= 1.0" -%}
    {%- do by_row.append(("ratio", column, column ~ " is not null and not (" ~ is_ratio ~ ")")) -%}
{%- endfor -%}
{%- for name, condition in holds.items() -%}
    {%- do by_row.append(("holds", name, "not coalesce(" ~ condition ~ ", false)")) -%}
{%- endfor -%}
{%- set text = dbt.type_string() -%}
{%- set grain = [] -%}
{%- for column in unique_combination or unique[:1] -%}
    {%- do grain.append("coalesce(cast(" ~ column ~ " as " ~ text ~ "), 'null')") -%}
{%- endfor -%}
with
{%- if never_null or by_row %}
counted as (
    select
        {%- for column in never_null %}
        count(*) - count({{ column }}) as nulls_{{ loop.index }},
        {%- endfor %}
        {%- for rule, name, is_broken in by_row %}
        count(case when {{ is_broken }} then 1 end) as rows_{{ loop.index }},
        {%- set value = [] if rule == "holds" else ["cast(" ~ name ~ " as " ~ text ~ ")"] %}
        min(
            case when {{ is_broken }} then concat_ws(', ', {{ (grain + value) | join(", ") }}) end
        ) as example_{{ loop.index }},
        {%- endfor %}
        count(*) as all_rows
    from {{ model }}
),
{%- endif %}
{%- for columns in unique %}
unique_{{ loop.index }} as (
    select {{ columns }}
    from {{ model }}
    where {{ columns }} is not null
    group by {{ columns }}
    having count(*) > 1
),
{%- endfor %}
{%- if unique_combination %}
unique_combination as (
    select {{ unique_combination | join(", ") }}
    from {{ model }}
    group by {{ unique_combination | join(", ") }}
    having count(*) > 1
),
{%- endif %}
by_rule as (
    {%- set branches = [] -%}
    {%- for column in never_null -%}
        {%- do branches.append(
            "select 'never_null' as rule, '" ~ column ~ "' as name, nulls_" ~ loop.index
            ~ " as rows_count, cast(null as " ~ text ~ ") as example from counted"
        ) -%}
    {%- endfor -%}
    {%- for rule, name, is_broken in by_row -%}
        {%- do branches.append(
            "select '" ~ rule ~ "' as rule, '" ~ name ~ "' as name, rows_" ~ loop.index
            ~ " as rows_count, example_" ~ loop.index ~ " as example from counted"
        ) -%}
    {%- endfor -%}
    {%- for column in unique -%}
        {%- do branches.append(
            "select 'unique' as rule, '" ~ column ~ "' as name, count(*) as rows_count, min(cast("
            ~ column ~ " as " ~ text ~ ")) as example from unique_" ~ loop.index
        ) -%}
    {%- endfor -%}
    {%- if unique_combination -%}
        {%- do branches.append(
            "select 'unique_combination' as rule, '" ~ unique_combination | join(", ")
            ~ "' as name, count(*) as rows_count, min(concat_ws(', ', " ~ grain | join(", ")
            ~ ")) as example from unique_combination"
        ) -%}
    {%- endif %}
    {{ branches | join("\n    union all\n    ") }}
)

select
    rule,
    name,
    rows_count,
    example
from by_rule
where rows_count > 0
{% endtest %}
