{#- First day of the London month in which a moment falls.

    Asking for London's clock costs a hundred times the rest, event by event. London is never behind
    UTC and never two hours ahead, so before 22:00 UTC both have the same day, and only what comes
    later in the day has to be asked for. -#}
{% macro london_month_start(moment) -%}
    {{ return(adapter.dispatch('london_month_start')(moment)) }}
{%- endmacro %}

{% macro duckdb__london_month_start(moment) -%}
    cast(date_trunc('month', case
            when epoch_us({{ moment }}) % 86400000000 between 0 and 79199999999
                then date '1970-01-01' + cast(epoch_us({{ moment }}) // 86400000000 as integer)
            else {{ london_date(moment) }}
        end) as date)
{%- endmacro %}

{% macro spark__london_month_start(moment) -%}
    cast(trunc({{ london_date(moment) }}, 'MM') as date)
{%- endmacro %}

{#- The moment at which a day begins in London. -#}
{% macro london_midnight(date) -%}
    {{ return(adapter.dispatch('london_midnight')(date)) }}
{%- endmacro %}

{% macro duckdb__london_midnight(date) -%}
    timezone('Europe/London', cast({{ date }} as timestamp))
{%- endmacro %}

{% macro spark__london_midnight(date) -%}
    to_utc_timestamp(cast({{ date }} as timestamp), 'Europe/London')
{%- endmacro %}
