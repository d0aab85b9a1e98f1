with

exemplars as (
    select * from {{ ref('promised_exemplars') }}
),

counted as (
    select
        department_id,
        max(case when section_kind = 'commitment' then value end) as committed_count,
        max(case when section_kind = 'progress' and section_year = 2013 then value end) as counted_2013,
        max(case when section_kind = 'progress' and section_year = 2014 then value end) as counted_2014
    from {{ ref('published_figures') }}
    where
        metric = 'exemplars'
        and unit = 'count'
        and department_id is not null
    group by department_id
),

strategy as (
    select max(value) as promised_each
    from {{ ref('published_figures') }}
    where
        metric = 'exemplars'
        and unit = 'count'
        and department_id is null
),

registered as (
    select
        department_id,
        count(*) as registered_count
    from exemplars
    group by department_id
),

take_up as (
    select
        service_id,
        period_start,
        period_end,
        take_up_ratio,
        row_number() over (partition by service_id order by period_end desc) as period_number
    from {{ ref('take_up_headline') }}
    where
        period_kind = 'rolling_year'
        and value_status = 'complete'
),

due_take_up as (
    select
        exemplars.exemplar_id,
        headline.take_up_ratio
    from exemplars
    inner join {{ ref('take_up_headline') }} as headline
        on
            exemplars.service_id = headline.service_id
            and exemplars.promised_on = headline.period_end
            and headline.period_kind = 'rolling_year'
            and headline.value_status = 'complete'
),

targets as (
    select
        service_id,
        {{ joined_texts("concat(target_id, ': ', verdict)", '; ') }} as target_verdicts
    from {{ ref('target_attainment') }}
    group by service_id
)

select
    exemplars.exemplar_id,
    exemplars.department_id,
    exemplars.exemplar_name,
    exemplars.service_id,
    exemplars.is_strategy_department,
    exemplars.is_promised,
    cast(coalesce(
        counted.committed_count,
        case when exemplars.is_strategy_department then strategy.promised_each end
    ) as bigint) as promised_count,
    cast(counted.counted_2013 as bigint) as counted_2013,
    cast(counted.counted_2014 as bigint) as counted_2014,
    registered.registered_count,
    case
        when
            coalesce(
                counted.committed_count,
                case when exemplars.is_strategy_department then strategy.promised_each end
            ) <> coalesce(counted.counted_2014, counted.counted_2013)
            then concat(
                'promised ', cast(cast(coalesce(
                    counted.committed_count,
                    case when exemplars.is_strategy_department then strategy.promised_each end
                ) as bigint) as {{ dbt.type_string() }}),
                ', counted ', cast(cast(
                    coalesce(counted.counted_2014, counted.counted_2013) as bigint
                ) as {{ dbt.type_string() }}),
                case when counted.counted_2014 is null then ' in 2013' else ' in 2014' end
            )
        when counted.department_id is null then 'gives no number of its exemplars'
    end as finding,
    exemplars.phase,
    exemplars.promised_on,
    exemplars.reached_on,
    case
        when exemplars.promised_on is not null and exemplars.reached_on is not null
            then exemplars.reached_on <= exemplars.promised_on
    end as is_on_time,
    due_take_up.take_up_ratio as take_up_when_due,
    take_up.take_up_ratio as latest_take_up,
    take_up.period_start as latest_period_start,
    take_up.period_end as latest_period_end,
    targets.target_verdicts,
    exemplars.says,
    exemplars.source,
    {{ is_simulated() }} as is_simulated
from exemplars
cross join strategy
inner join registered on exemplars.department_id = registered.department_id
left join counted on exemplars.department_id = counted.department_id
left join take_up
    on
        exemplars.service_id = take_up.service_id
        and take_up.period_number = 1
left join due_take_up on exemplars.exemplar_id = due_take_up.exemplar_id
left join targets on exemplars.service_id = targets.service_id
order by exemplars.department_id, exemplars.exemplar_id
