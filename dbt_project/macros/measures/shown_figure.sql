{#- A number as it is read by people: ratios as per cent, all else as it is. -#}
{% macro shown_figure(value, unit) -%}
    case
        when {{ value }} is null then null
        when {{ unit }} = 'ratio' then concat(cast(cast(100 * {{ value }} as decimal(18, 2)) as {{ dbt.type_string() }}), '%')
        else cast(cast({{ value }} as decimal(18, 0)) as {{ dbt.type_string() }})
    end
{% endmacro %}
