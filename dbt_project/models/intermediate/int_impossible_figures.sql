{#- Figures that can't be right, as known at a moment, and the check that says so: they are known, and
    held back wherever figures are shown. What is only unlikely is a warning of int_count_warnings,
    and is shown.

    A pure function of what was known: a figure that is restated, or stated again once its period
    is over, is shown from then on. The limit of a count is the variable `impossible`.
-#}
{%- set text = dbt.type_string() -%}
{%- set largest = var('impossible')['count_above'] -%}
with

counts as (
    select
        cells.service_id,
        cells.definition_id,
        cells.measure,
        cells.breakdown,
        {{ count_name('cells.breakdown', 'cells.measure') }} as quantity,
        cells.period_kind,
        cells.period_start,
        cells.period_end,
        cells.transactions_count,
        {{ london_date('cells.known_from') }} as published_on,
        {{ is_before_its_end('cells.known_from', 'cells.period_end') }} as is_before_its_end,
        {{ is_beyond_any_service('cells.transactions_count') }} as is_beyond_any_service,
        listed.service_id is null as is_unlisted,
        cells.input,
        cells.known_from as known_at
    from {{ stored('reported_cells') }} as cells
    left join {{ known('int_listed_services') }} as listed
        on cells.service_id = listed.service_id
    where
        cells.period_kind in ('month', 'quarter')
        and cells.transactions_count is not null
        and cells.known_from <= {{ moment() }}
        and (cells.known_to is null or cells.known_to > {{ moment() }})
        and {{ counts_at(moment(), 'cells') }}
),

measures as (
    select
        service_id,
        period_kind,
        period_start,
        period_end,
        quantity,
        value,
        input,
        known_at
    from {{ known('int_stated_measures') }}
    where value is not null
),

impossible_counts as (
    select
        'counted_before_its_period_ended' as check_id,
        counts.*,
        concat(
            'published on ', cast(published_on as {{ text }}), ', before its period ended on ',
            cast(period_end as {{ text }}), ': correct the date of the publication, or land the whole period''s figure'
        ) as what,
        cast(null as double) as expected
    from counts
    where is_before_its_end
    union all
    select
        'count_beyond_any_service' as check_id,
        counts.*,
        'no service can have so many transactions: ask who reported it, and have it restated' as what,
        cast({{ largest }} as double) as expected
    from counts
    where is_beyond_any_service
    union all
    select
        'service_that_nobody_lists' as check_id,
        counts.*,
        'no publication or register names the service: add it to seeds/services.csv, or have its name sent' as what,
        cast(null as double) as expected
    from counts
    where is_unlisted
),

impossible_measures as (
    select
        'rate_outside_0_to_1' as check_id,
        measures.*,
        'a rate lies between 0 and 1; a percentage is not guessed: ask who published it, and have it restated' as what,
        cast(1 as double) as expected
    from measures
    where quantity in ('completion_ratio', 'satisfaction_ratio') and not coalesce(value between 0 and 1, false)
    union all
    select
        'cost_below_zero' as check_id,
        measures.*,
        'a cost is not negative: ask who published it, and have it restated' as what,
        cast(0 as double) as expected
    from measures
    where
        quantity in ('cost_per_transaction_gbp', 'digital_cost_per_transaction_gbp')
        and not coalesce(value >= 0, false)
)

select
    check_id,
    service_id,
    definition_id,
    measure,
    breakdown,
    quantity,
    period_kind,
    period_start,
    period_end,
    cast(transactions_count as double) as value,
    expected,
    what,
    input,
    known_at
from impossible_counts
union all
select
    check_id,
    service_id,
    cast(null as {{ text }}) as definition_id,
    cast(null as {{ text }}) as measure,
    cast(null as {{ text }}) as breakdown,
    quantity,
    period_kind,
    period_start,
    period_end,
    value,
    expected,
    what,
    input,
    known_at
from impossible_measures
