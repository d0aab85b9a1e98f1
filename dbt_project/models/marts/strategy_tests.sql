with

listings as (
    select
        service_id,
        department_id,
        volume_kind,
        row_number() over (partition by service_id order by known_from) as listing_number
    from {{ stored('service_listings') }}
    where known_from <= {{ moment() }} and {{ counts_at(moment()) }}
),

services as (
    select
        service_id,
        volume_kind,
        department_id as first_department_id
    from listings
    where listing_number = 1
),

periods as (
    select
        headline.period_kind,
        headline.period_start,
        headline.period_end,
        headline.service_id,
        headline.digital_count,
        headline.total_count,
        headline.take_up_ratio,
        headline.take_up_lower,
        headline.take_up_upper,
        headline.value_status,
        services.volume_kind,
        services.first_department_id
    from {{ known('take_up_headline') }} as headline
    inner join services on headline.service_id = services.service_id
    where headline.period_kind in ('quarter', 'rolling_year')
),

promised as (
    select * from {{ stored('int_strategy_departments') }}
),

-- One row per service, period and test: 1 where the test holds, 0 where it does not, null where
-- the data can't tell, and no row where the test is not about the service.
answers as (
    select
        'services' as test_id,
        period_kind,
        period_start,
        period_end,
        cast(case when total_count is not null then 1 end as bigint) as answer,
        cast(1 as bigint) as weight
    from periods
    union all
    select
        'large_without_take_up' as test_id,
        period_kind,
        period_start,
        period_end,
        cast(case when take_up_ratio is null then 1 else 0 end as bigint) as answer,
        cast(1 as bigint) as weight
    from periods
    where period_kind = 'rolling_year' and total_count > {{ var('strategy')['large_service'] }}
    union all
    select
        'digital_is_zero' as test_id,
        period_kind,
        period_start,
        period_end,
        cast(case when digital_count = 0 then 1 else 0 end as bigint) as answer,
        cast(1 as bigint) as weight
    from periods
    where coalesce(total_count > 0, true)
    union all
    select
        'digital_not_provided' as test_id,
        period_kind,
        period_start,
        period_end,
        cast(case when digital_count is null then 1 else 0 end as bigint) as answer,
        cast(1 as bigint) as weight
    from periods
    where coalesce(total_count > 0, true)
    union all
    select
        'without_digital_option' as test_id,
        period_kind,
        period_start,
        period_end,
        cast(case when digital_count = 0 then 1 when digital_count > 0 then 0 end as bigint) as answer,
        cast(1 as bigint) as weight
    from periods
    where coalesce(total_count > 0, true)
    union all
    select
        'significant_majority_digital' as test_id,
        period_kind,
        period_start,
        period_end,
        cast(case
            when take_up_ratio >= {{ var('strategy')['significant_majority'] }} then 1
            when take_up_ratio is not null then 0
            when take_up_upper < {{ var('strategy')['significant_majority'] }} then 0
            when take_up_lower >= {{ var('strategy')['significant_majority'] }} then 1
        end as bigint) as answer,
        cast(1 as bigint) as weight
    from periods
    where coalesce(total_count > 0, true)
    union all
    select
        'transactions_of_exemplar_departments' as test_id,
        periods.period_kind,
        periods.period_start,
        periods.period_end,
        cast(case when promised.department_id is not null then 1 else 0 end as bigint) as answer,
        periods.total_count as weight
    from periods
    left join promised on periods.first_department_id = promised.department_id
    where periods.volume_kind = 'flow' and periods.total_count is not null
),

counted as (
    select
        test_id,
        period_kind,
        period_start,
        period_end,
        count(*) as services_count,
        count(*) - count(answer) as unknown_count,
        sum(weight) as base_count,
        sum(case when answer = 1 then weight else 0 end) as lower_count,
        sum(case when coalesce(answer, 1) = 1 then weight else 0 end) as upper_count
    from answers
    group by test_id, period_kind, period_start, period_end
)

select
    test_id,
    case test_id
        when 'services' then 'count'
        when 'large_without_take_up' then 'count'
        when 'significant_majority_digital' then 'count'
        else 'ratio'
    end as unit,
    period_kind,
    period_start,
    period_end,
    services_count,
    unknown_count,
    cast(base_count as bigint) as base_count,
    cast(lower_count as bigint) as lower_count,
    cast(upper_count as bigint) as upper_count,
    case when base_count > 0 then lower_count / cast(base_count as double) end as lower_ratio,
    case when base_count > 0 then upper_count / cast(base_count as double) end as upper_ratio,
    {{ is_simulated() }} as is_simulated
from counted
order by test_id, period_kind, period_end
