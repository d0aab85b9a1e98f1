{#- What is worth a look in the figures known at a moment: published all the same, with a warning.

    One row per warning. `cells` holds what was reported and `take_up` the months of transaction
    events, of which leaps and silences are looked for. `figures` are the publisher's own rolling years (published_figures),
    held against the quarters of the same publication. Thresholds are the variable
    `data_quality`.
-#}
{%- set limits = var('data_quality') -%}
{%- set text = dbt.type_string() -%}
with

facts as (
    select
        service_id,
        is_seasonal,
        is_listed,
        rounding_unit,
        rounding_until
    from {{ known('mart_services') }}
),

known_counts as (
    select
        service_id,
        definition_id,
        measure,
        breakdown,
        period_kind,
        period_start,
        period_end,
        transactions_count,
        known_from,
        event_source,
        input,
        1 as is_reported
    from {{ stored('reported_cells') }}
    where
        period_kind in ('month', 'quarter')
        and known_from <= {{ moment() }}
        and (known_to is null or known_to > {{ moment() }})
    union all
    select
        service_id,
        definition_id,
        measure,
        'total' as breakdown,
        period_kind,
        period_start,
        period_end,
        total_count as transactions_count,
        known_at as known_from,
        'events' as event_source,
        cast(null as {{ text }}) as input,
        0 as is_reported
    from {{ known('take_up') }}
    where basis = 'events' and period_kind = 'month' and is_default_definition and value_status <> 'incomplete'
    union all
    select
        service_id,
        definition_id,
        measure,
        'digital' as breakdown,
        period_kind,
        period_start,
        period_end,
        digital_count as transactions_count,
        known_at as known_from,
        'events' as event_source,
        cast(null as {{ text }}) as input,
        0 as is_reported
    from {{ known('take_up') }}
    where basis = 'events' and period_kind = 'month' and is_default_definition and value_status <> 'incomplete'
),

counts as (
    select
        known_counts.service_id,
        known_counts.definition_id,
        known_counts.measure,
        known_counts.breakdown,
        known_counts.period_kind,
        known_counts.period_start,
        known_counts.period_end,
        {{ month_index('known_counts.period_start') }} as start_month,
        {{ months_to_previous('known_counts.period_kind') }} as period_months,
        known_counts.transactions_count,
        known_counts.known_from,
        known_counts.event_source,
        known_counts.input,
        known_counts.is_reported,
        case
            when known_counts.breakdown = 'total' and known_counts.period_end <= facts.rounding_until
                then facts.rounding_unit
        end as rounding_unit,
        -- Every summer of a seasonal service is a leap over its spring.
        case
            when facts.is_seasonal then 12
            else {{ months_to_previous('known_counts.period_kind') }}
        end as months_apart
    from known_counts
    left join facts
        on known_counts.service_id = facts.service_id
),

given as (
    select * from counts
    where transactions_count is not null
),

parts as (
    select
        digital.service_id,
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

neighbours as (
    select
        given.*,
        one_before.transactions_count as count_before,
        apart_before.transactions_count as comparable_before,
        apart_after.transactions_count as comparable_after
    from given
    left join given as one_before
        on
            given.service_id = one_before.service_id
            and given.definition_id = one_before.definition_id
            and given.measure = one_before.measure
            and given.breakdown = one_before.breakdown
            and given.period_kind = one_before.period_kind
            and given.start_month - given.period_months = one_before.start_month
    left join given as apart_before
        on
            given.service_id = apart_before.service_id
            and given.definition_id = apart_before.definition_id
            and given.measure = apart_before.measure
            and given.breakdown = apart_before.breakdown
            and given.period_kind = apart_before.period_kind
            and given.start_month - given.months_apart = apart_before.start_month
    left join given as apart_after
        on
            given.service_id = apart_after.service_id
            and given.definition_id = apart_after.definition_id
            and given.measure = apart_after.measure
            and given.breakdown = apart_after.breakdown
            and given.period_kind = apart_after.period_kind
            and given.start_month + given.months_apart = apart_after.start_month
),

stated as (
    select
        *,
        row_number() over (
            partition by service_id, metric, period_start, period_end
            order by known_at desc, document desc, line desc
        ) as number_from_last
    from {{ stored('published_figures') }}
    where
        metric in ('transactions', 'digital_transactions')
        and qualifier = 'exact'
        and service_id is not null
        and {{ month_index('period_end') }} - {{ month_index('period_start') }} = 11
        and known_at <= {{ moment() }}
),

-- A rolling figure beside the four quarters that the same publication, or one before it, gave.
rolling as (
    select
        stated.service_id,
        stated.metric,
        stated.period_start,
        stated.period_end,
        stated.value,
        stated.document,
        stated.known_at,
        count(cells.transactions_count) as quarters_count,
        sum(cells.transactions_count) as quarters_sum,
        max(cells.volume_kind) as volume_kind
    from stated
    inner join {{ stored('reported_cells') }} as cells
        on
            stated.service_id = cells.service_id
            and cells.breakdown = case stated.metric when 'transactions' then 'total' else 'digital' end
            and stated.period_start <= cells.period_start
            and stated.period_end >= cells.period_end
            and stated.known_at >= cells.known_from
            and (cells.known_to is null or stated.known_at < cells.known_to)
    where
        stated.number_from_last = 1
        and cells.period_kind = 'quarter'
        and cells.measure = 'completed'
        and cells.transactions_count is not null
    group by
        stated.service_id,
        stated.metric,
        stated.period_start,
        stated.period_end,
        stated.value,
        stated.document,
        stated.known_at
),

compared as (
    select
        *,
        case when volume_kind = 'stock' then quarters_sum / 4.0 else quarters_sum end as expected,
        -- A mean may be printed rounded either way, a sum of whole numbers can't.
        case when volume_kind = 'stock' then 1.0 else 0.5 end as tolerance
    from rolling
    where quarters_count = 4
),

means as (
    select
        service_id,
        count(*) as figures_count,
        sum(case when abs(value - quarters_sum / 4.0) < 1.0 then 1 else 0 end) as means_count,
        max(period_start) as period_start,
        max(period_end) as period_end,
        max(document) as document,
        max(known_at) as known_at
    from compared
    where
        metric = 'transactions'
        and volume_kind = 'flow'
        and quarters_sum > 4
    group by service_id
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
    inner join facts
        on totals.service_id = facts.service_id
    -- One that is no longer listed went, and did not go silent.
    where totals.number_from_last = 1 and facts.is_listed
),

warnings as (
    select
        'digital_above_total' as check_id,
        service_id,
        period_kind,
        period_start,
        period_end,
        'digital_count' as measure,
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
        'digital_count' as measure,
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
        'total_count' as measure,
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
        concat(breakdown, '_count') as measure,
        case
            when rounding_unit is null then 'equal to the period before to the last digit'
            else concat('equal to the period before, both rounded to ', cast(rounding_unit as {{ text }}))
        end as what,
        cast(transactions_count as double) as value,
        cast(null as double) as expected,
        input,
        known_from as known_at
    from neighbours
    where is_reported = 1 and transactions_count = count_before and transactions_count > 0
    union all
    select
        'jump_by_an_order_of_magnitude' as check_id,
        service_id,
        period_kind,
        period_start,
        period_end,
        concat(breakdown, '_count') as measure,
        concat(
            case when transactions_count > comparable_before then 'up' else 'down' end,
            ' from ', cast(comparable_before as {{ text }}),
            case when months_apart = 12 then ' in the year before' else ' in the period before' end
        ) as what,
        cast(transactions_count as double) as value,
        cast(comparable_before as double) as expected,
        input,
        known_from as known_at
    from neighbours
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
        concat(breakdown, '_count') as measure,
        concat(
            'between ', cast(comparable_before as {{ text }}), ' and ', cast(comparable_after as {{ text }}),
            case when months_apart = 12 then ' in the years around it' else ' in the periods around it' end
        ) as what,
        cast(transactions_count as double) as value,
        cast(greatest(comparable_before, comparable_after) as double) as expected,
        input,
        known_from as known_at
    from neighbours
    where
        comparable_before is not null
        and comparable_after is not null
        and transactions_count
        >= {{ limits['neighbour_factor'] }} * greatest(comparable_before, comparable_after, 1)
    union all
    select
        'rolling_figure_disagrees' as check_id,
        service_id,
        'rolling_year' as period_kind,
        period_start,
        period_end,
        case metric when 'transactions' then 'total_count' else 'digital_count' end as measure,
        case volume_kind
            when 'stock' then 'the publisher''s figure is not the mean of its four quarters'
            else 'the publisher''s figure is not the sum of its four quarters'
        end as what,
        value,
        cast(expected as double) as expected,
        document as input,
        known_at
    from compared
    where abs(value - expected) >= tolerance
    union all
    select
        'mean_of_quarters_but_no_stock' as check_id,
        service_id,
        'rolling_year' as period_kind,
        period_start,
        period_end,
        'total_count' as measure,
        concat(
            cast(means_count as {{ text }}), ' of ', cast(figures_count as {{ text }}),
            ' published rolling years are means of their quarters, and the register says flow'
        ) as what,
        cast(means_count as double) as value,
        cast(0 as double) as expected,
        document as input,
        known_at
    from means
    where 2 * means_count > figures_count
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
)

select
    check_id,
    'warn' as severity,
    service_id,
    period_kind,
    period_start,
    period_end,
    measure,
    what,
    value,
    expected,
    input,
    known_at,
    {{ is_simulated() }} as is_simulated
from warnings
order by check_id, service_id, period_start, measure
