{#- Counts that contradict what was reported beside them or leap away from the periods around them, and
    services of which no total has come for longer than ever before.
    Thresholds are the variable `data_quality`.
-#}
{%- set limits = var('data_quality') -%}
{%- set text = dbt.type_string() -%}
with

given as (
    select * from {{ known('int_dated_counts') }}
),

parts as (
    select
        digital.service_id,
        digital.measure,
        digital.period_kind,
        digital.period_start,
        digital.period_end,
        digital.transactions_count as digital_count,
        total.transactions_count as total_count,
        digital.input,
        greatest(digital.known_from, coalesce(total.known_from, digital.known_from)) as known_at
    from given as digital
    left join given as total
        on
            digital.service_id = total.service_id
            and digital.definition_id = total.definition_id
            and digital.measure = total.measure
            and digital.period_kind = total.period_kind
            and digital.period_start = total.period_start
            and total.breakdown = 'total'
    where digital.breakdown = 'digital' and digital.is_reported = 1
),

-- Channels beside the total that was reported with them. A total is never made of both.
channel_sums as (
    select
        channels.service_id,
        channels.measure,
        channels.period_kind,
        channels.period_start,
        channels.period_end,
        totals.transactions_count as total_count,
        totals.input,
        sum(channels.transactions_count) as channels_count,
        greatest(max(channels.known_from), max(totals.known_from)) as known_at
    from given as channels
    inner join given as totals
        on
            channels.service_id = totals.service_id
            and channels.definition_id = totals.definition_id
            and channels.measure = totals.measure
            and channels.period_kind = totals.period_kind
            and channels.period_start = totals.period_start
    where
        channels.is_reported = 1
        and totals.is_reported = 1
        and totals.breakdown = 'total'
        and channels.breakdown not in ('total', 'digital', 'assisted_digital', 'non_digital')
    group by
        channels.service_id,
        channels.definition_id,
        channels.measure,
        channels.period_kind,
        channels.period_start,
        channels.period_end,
        totals.transactions_count,
        totals.input
),

totals as (
    select
        service_id,
        period_kind,
        period_start,
        period_end,
        start_month,
        known_from,
        event_source,
        is_listed,
        input,
        (
            start_month - lag(start_month) over (partition by service_id, period_kind order by start_month)
        ) / period_months as periods_since,
        row_number() over (partition by service_id, period_kind order by start_month desc) as number_from_last
    from given
    where breakdown = 'total' and measure = 'completed'
),

-- How far a source has come is told by the services that it has for its latest period.
latest_periods as (
    select
        event_source,
        period_kind,
        max(start_month) as start_month,
        max(known_from) as known_at
    from totals
    group by event_source, period_kind
),

usual as (
    select
        service_id,
        period_kind,
        max(periods_since) as usual_interval
    from totals
    group by service_id, period_kind
),

silences as (
    select
        totals.service_id,
        totals.period_kind,
        totals.period_start,
        totals.period_end,
        totals.input,
        (latest_periods.start_month - totals.start_month)
        / {{ months_to_previous('totals.period_kind') }} as silent_periods,
        coalesce(usual.usual_interval, 1) as usual_interval,
        latest_periods.known_at
    from totals
    inner join latest_periods
        on
            totals.event_source = latest_periods.event_source
            and totals.period_kind = latest_periods.period_kind
    inner join usual
        on
            totals.service_id = usual.service_id
            and totals.period_kind = usual.period_kind
    -- One that is no longer listed went, and did not go silent.
    where totals.number_from_last = 1 and totals.is_listed
)

select
    'digital_above_total' as check_id,
    service_id,
    period_kind,
    period_start,
    period_end,
    {{ count_name("'digital'", 'measure') }} as measure,
    concat('digital transactions exceed the total by ', cast(digital_count - total_count as {{ text }})) as what,
    cast(digital_count as double) as value,
    cast(total_count as double) as expected,
    input,
    known_at
from parts
where digital_count > total_count
union all
select
    'digital_without_total' as check_id,
    service_id,
    period_kind,
    period_start,
    period_end,
    {{ count_name("'digital'", 'measure') }} as measure,
    'digital transactions are given and the total is not' as what,
    cast(digital_count as double) as value,
    cast(null as double) as expected,
    input,
    known_at
from parts
where total_count is null
union all
select
    'channels_do_not_sum_to_total' as check_id,
    service_id,
    period_kind,
    period_start,
    period_end,
    {{ count_name("'total'", 'measure') }} as measure,
    concat(
        'the channels give ', cast(abs(total_count - channels_count) as {{ text }}),
        case when channels_count > total_count then ' more' else ' fewer' end, ' than the total beside them'
    ) as what,
    cast(total_count as double) as value,
    cast(channels_count as double) as expected,
    input,
    known_at
from channel_sums
where channels_count <> total_count
union all
select
    'repeats_period_before' as check_id,
    service_id,
    period_kind,
    period_start,
    period_end,
    {{ count_name('breakdown', 'measure') }} as measure,
    case
        when rounding_unit is null then 'equal to the period before to the last digit'
        else concat('equal to the period before, both rounded to ', cast(rounding_unit as {{ text }}))
    end as what,
    cast(transactions_count as double) as value,
    cast(null as double) as expected,
    input,
    known_from as known_at
from given
where is_reported = 1 and transactions_count = count_before and transactions_count > 0
union all
select
    'jump_by_an_order_of_magnitude' as check_id,
    service_id,
    period_kind,
    period_start,
    period_end,
    {{ count_name('breakdown', 'measure') }} as measure,
    concat(
        case when transactions_count > comparable_before then 'up' else 'down' end,
        ' from ', cast(comparable_before as {{ text }}),
        case when months_apart = 12 then ' in the year before' else ' in the period before' end
    ) as what,
    cast(transactions_count as double) as value,
    cast(comparable_before as double) as expected,
    input,
    known_from as known_at
from given
where
    least(transactions_count, comparable_before) > 0
    and greatest(transactions_count, comparable_before) >= {{ limits['jump_floor'] }}
    and greatest(transactions_count, comparable_before)
    >= {{ limits['jump_factor'] }} * least(transactions_count, comparable_before)
union all
select
    'far_above_both_neighbours' as check_id,
    service_id,
    period_kind,
    period_start,
    period_end,
    {{ count_name('breakdown', 'measure') }} as measure,
    concat(
        'between ', cast(comparable_before as {{ text }}), ' and ', cast(comparable_after as {{ text }}),
        case when months_apart = 12 then ' in the years around it' else ' in the periods around it' end
    ) as what,
    cast(transactions_count as double) as value,
    cast(greatest(comparable_before, comparable_after) as double) as expected,
    input,
    known_from as known_at
from given
where
    comparable_before is not null
    and comparable_after is not null
    and transactions_count
    >= {{ limits['neighbour_factor'] }} * greatest(comparable_before, comparable_after, 1)
union all
select
    'gone_silent' as check_id,
    service_id,
    period_kind,
    period_start,
    period_end,
    'total_count' as measure,
    concat(
        'no total for ', cast(cast(silent_periods as bigint) as {{ text }}),
        ' periods since this one; the longest wait before was ',
        cast(cast(usual_interval as bigint) as {{ text }})
    ) as what,
    cast(silent_periods as double) as value,
    cast(usual_interval as double) as expected,
    input,
    known_at
from silences
where silent_periods > usual_interval
