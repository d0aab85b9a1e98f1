{#- A moment given as ISO 8601 text with its offset. -#}
{% macro moment_literal(text) -%}
    {{ return(adapter.dispatch('moment_literal')(text)) }}
{%- endmacro %}

{% macro default__moment_literal(text) -%}
    cast('{{ text }}' as timestamptz)
{%- endmacro %}

{% macro spark__moment_literal(text) -%}
    cast('{{ text }}' as timestamp)
{%- endmacro %}

{#- The calendar day in Europe/London on which a moment falls. -#}
{% macro london_date(moment) -%}
    {{ return(adapter.dispatch('london_date')(moment)) }}
{%- endmacro %}

{% macro duckdb__london_date(moment) -%}
    cast(timezone('Europe/London', {{ moment }}) as date)
{%- endmacro %}

{% macro spark__london_date(moment) -%}
    to_date(from_utc_timestamp({{ moment }}, 'Europe/London'))
{%- endmacro %}

{#- Days from one date to another. -#}
{% macro days_between(from_date, to_date) -%}
    datediff('day', {{ from_date }}, {{ to_date }})
{%- endmacro %}

{#- The day after a date. -#}
{% macro day_after(date) -%}
    ({{ date }} + 1)
{%- endmacro %}

{#- One row for each integer from one number to another, both included. Belongs in a select list. -#}
{% macro explode_integers(first, last) -%}
    unnest(generate_series({{ first }}, {{ last }}))
{%- endmacro %}

{#- Calendar quarters as consecutive integers (year x 4 + 0 to 3), so that a window of four rows
    is a year, and back to the days that they begin and end on. -#}
{% macro quarter_index(date) -%}
    (year({{ date }}) * 4 + quarter({{ date }}) - 1)
{%- endmacro %}

{% macro quarter_start(index) -%}
    make_date(cast(floor(({{ index }}) / 4.0) as integer), cast((({{ index }}) % 4) * 3 + 1 as integer), 1)
{%- endmacro %}

{% macro quarter_end(index) -%}
    last_day(make_date(cast(floor(({{ index }}) / 4.0) as integer), cast((({{ index }}) % 4) * 3 + 3 as integer), 1))
{%- endmacro %}

{#- The type of a moment: an instant in UTC with microseconds. -#}
{% macro moment_type() -%}
    {{ return(adapter.dispatch('moment_type')()) }}
{%- endmacro %}

{% macro default__moment_type() -%}
    timestamptz
{%- endmacro %}

{% macro spark__moment_type() -%}
    timestamp
{%- endmacro %}

{#- A day as people write it, 2015-01-31 or 31/01/2015; null where a text is neither. -#}
{% macro day_as_written(text) -%}
    {{ return(adapter.dispatch('day_as_written')(text)) }}
{%- endmacro %}

{% macro duckdb__day_as_written(text) -%}
    coalesce(
        try_cast(trim({{ text }}) as date), cast(try_strptime(trim({{ text }}), '%d/%m/%Y') as date)
    )
{%- endmacro %}

{% macro spark__day_as_written(text) -%}
    coalesce(try_cast(trim({{ text }}) as date), to_date(try_to_timestamp(trim({{ text }}), 'd/M/yyyy')))
{%- endmacro %}
