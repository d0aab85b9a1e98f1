{#- The publisher's own rolling years that disagree with the quarters of the same publication. -#}
{%- set text = dbt.type_string() -%}
with

stated as (
    select
        *,
        row_number() over (
            partition by service_id, metric, period_start, period_end
            order by known_at desc, document desc, line desc
        ) as number_from_last
    from {{ known('published_figures') }}
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
            and {{ counts_at(moment(), 'cells') }}
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
)

select
    'rolling_figure_disagrees' as check_id,
    service_id,
    'rolling_year' as period_kind,
    period_start,
    period_end,
    case metric when 'transactions' then 'total_count' else 'digital_count' end as quantity,
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
    'total_count' as quantity,
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
