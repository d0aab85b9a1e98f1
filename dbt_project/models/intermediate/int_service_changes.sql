{#- What a service adds to the terms of the decomposition of its bodies, period by period. Bodies are
    those of today's structure in both periods, so that a service that changed hands neither
    enters nor leaves.

    One row per service, definition, period and comparison in which some unit of it is measured on
    either side: sums over its pairs of units. `compared_...` are those of units measured on both
    sides, `entered_...` those of units that were not there on the other side.
-#}
{%- set counts = ['digital_before', 'total_before', 'digital_after', 'total_after'] -%}
with

comparisons as (
    {{ comparisons_sql() | indent(4) }}
),

summed as (
    select
        pairs.service_id,
        pairs.definition_id,
        pairs.digital_offer,
        comparisons.level,
        comparisons.period_kind,
        comparisons.comparison,
        pairs.unit_index + comparisons.units_on as last_unit,
        {%- for count in counts %}
            sum(pairs.{{ count }}) as {{ count }},
            sum(pairs.{{ count }} * pairs.is_compared) as compared_{{ count }},
            sum(pairs.{{ count }} * pairs.is_entry_or_exit) as entered_{{ count }},
        {%- endfor %}
        sum(cast(pairs.within_before as decimal(28, 12))) as within_before,
        sum(cast(pairs.within_after as decimal(28, 12))) as within_after,
        max(pairs.is_compared) as is_compared
    from {{ known('int_unit_pairs') }} as pairs
    inner join comparisons
        on
            pairs.level = comparisons.level
            and pairs.distance = comparisons.distance
    where
        pairs.unit_index + comparisons.units_on <= pairs.range_last
        and pairs.unit_index + comparisons.units_on - comparisons.reach >= pairs.range_first
        and (comparisons.period_kind <> 'financial_year' or (pairs.unit_index + comparisons.units_on) % 4 = 0)
    group by
        pairs.service_id,
        pairs.definition_id,
        pairs.digital_offer,
        comparisons.level,
        comparisons.period_kind,
        comparisons.comparison,
        pairs.unit_index + comparisons.units_on
),

dated as (
    select
        summed.*,
        case summed.period_kind
            when 'month' then {{ month_start('summed.last_unit') }}
            when 'quarter' then {{ quarter_start('summed.last_unit') }}
            else {{ quarter_start('summed.last_unit - 3') }}
        end as period_start,
        case summed.period_kind
            when 'month' then last_day({{ month_start('summed.last_unit') }})
            else {{ quarter_end('summed.last_unit') }}
        end as period_end
    from summed
)

select
    dated.*,
    {{ month_start(
        month_index('dated.period_start')
        ~ " - case dated.comparison when 'year' then 12 else " ~ months_to_previous('dated.period_kind') ~ " end"
    ) }} as from_period_start,
    departments.department_id,
    departments.organisation_id
from dated
inner join {{ known('int_service_departments') }} as departments
    on
        dated.service_id = departments.service_id
        and departments.structure = 'current'
