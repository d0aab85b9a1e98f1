{#- What the periods of a target add up to: the latest judged one that says something, when the target
    was crossed and what is not known of that, and the latest shorter period beside it.

    One row per target with a series. Only periods that end on or after the day on which it was set
    count (docs/measures.md, "targets").
-#}
with

register as (
    select * from {{ stored('mart_targets') }}
),

periods as (
    select
        periods.*,
        register.set_on,
        periods.take_up_ratio is not null or periods.is_above is not null as is_telling
    from {{ known('int_target_periods') }} as periods
    inner join register
        on periods.target_id = register.target_id
),

crossings as (
    select
        target_id,
        max(case when take_up_ratio is not null then period_end end) as measured_period_end,
        max(case when is_telling then period_end end) as judged_period_end,
        max(case when value_status not in ('complete', 'no_transactions', 'not_applicable') then period_end end)
            as last_gap,
        min(case when is_telling then period_end end) as first_judged,
        min(case when is_above = 1 then period_end end) as first_above,
        max(case when is_above = 1 then period_end end) as last_above
    from periods
    where is_judged and period_end >= set_on
    group by target_id
),

below as (
    select
        periods.target_id,
        max(case when periods.period_end < crossings.first_above then periods.period_end end) as last_below,
        min(
            case
                when periods.period_end > coalesce(crossings.last_above, date '0001-01-01') then periods.period_end
            end
        ) as below_since
    from periods
    inner join crossings
        on periods.target_id = crossings.target_id
    where periods.is_judged and periods.period_end >= periods.set_on and periods.is_above = 0
    group by periods.target_id
),

-- What the last judged period before a target was set says; where that is not measured, the latest
-- shorter one.
before_set as (
    select
        target_id,
        is_above,
        row_number() over (
            partition by target_id
            order by case when is_judged then 0 else 1 end asc, period_end desc, period_start asc
        ) as number_from_last
    from periods
    where
        is_telling
        and period_end < set_on
        and (
            is_shorter
            or (
                is_judged
                and period_end = {{ unit_end('period_kind', unit_before('period_kind', 'set_on')) }}
            )
        )
),

shorter as (
    select
        periods.*,
        row_number() over (
            partition by periods.target_id
            order by periods.period_end desc, periods.period_start asc
        ) as number_from_last
    from periods
    inner join crossings
        on periods.target_id = crossings.target_id
    where
        periods.is_shorter
        and periods.take_up_ratio is not null
        and periods.period_end >= crossings.judged_period_end
)

select
    crossings.target_id,
    measured.period_start as measured_period_start,
    crossings.measured_period_end,
    measured.take_up_ratio as measured_ratio,
    crossings.judged_period_end,
    judged.is_above as judged_is_above,
    judged.take_up_ratio is null as is_by_bounds,
    judged.definition_id as definition_used,
    judged.basis,
    crossings.first_judged,
    crossings.first_above,
    crossings.last_gap,
    below.last_below,
    case when crossings.first_above is not null or before_set.is_above = 1 then below.below_since end as lost_on,
    coalesce(before_set.is_above = 1, false) as is_above_before,
    shorter.period_kind as latest_period_kind,
    shorter.period_end as latest_period_end,
    shorter.take_up_ratio as latest_ratio,
    shorter.is_above as latest_is_above,
    shorter.take_up_ratio < year_before.take_up_ratio as latest_is_below_year_before
from crossings
left join below
    on crossings.target_id = below.target_id
left join before_set
    on crossings.target_id = before_set.target_id and before_set.number_from_last = 1
left join periods as measured
    on
        crossings.target_id = measured.target_id
        and crossings.measured_period_end = measured.period_end
        and measured.is_judged
left join periods as judged
    on
        crossings.target_id = judged.target_id
        and crossings.judged_period_end = judged.period_end
        and judged.is_judged
left join shorter
    on crossings.target_id = shorter.target_id and shorter.number_from_last = 1
left join periods as year_before
    on
        shorter.target_id = year_before.target_id
        and shorter.period_kind = year_before.period_kind
        and {{ month_index('shorter.period_start') }} - 12 = {{ month_index('year_before.period_start') }}
