{#- Where the transactions are that are not digital: a service's year by its offline transactions.

    One row per flow service and year (rolling, financial) with a measured quarter, each quarter under
    the definition to quote for it.
-#}
with

quarters as (
    select
        *,
        total_count - digital_count as offline_count
    from {{ known('int_service_units') }}
    where level = 'quarter' and is_measured = 1 and is_headline = 1
),

offsets as (
    select {{ explode_integers(0, 3) }} as quarters_on
),

years as (
    select
        quarters.service_id,
        quarters.unit_index + offsets.quarters_on as last_unit,
        count(*) as quarters_measured,
        sum(quarters.total_count) as total_count,
        sum(quarters.offline_count) as offline_count,
        max(case when quarters.digital_offer in ('never_digital', 'unknown') then 0 else 1 end) as offers_digital,
        count(year_before.offline_count) as quarters_compared,
        sum(case when year_before.offline_count is not null then quarters.offline_count end)
        - sum(year_before.offline_count) as change_count
    from quarters
    cross join offsets
    left join quarters as year_before
        on
            quarters.service_id = year_before.service_id
            and quarters.unit_index - 4 = year_before.unit_index
    where quarters.unit_index + offsets.quarters_on between quarters.range_first + 3 and quarters.range_last
    group by quarters.service_id, quarters.unit_index + offsets.quarters_on
),

year_kinds as (
    {{ year_kinds_sql() | indent(4) }}
),

placed as (
    select
        years.*,
        year_kinds.period_kind,
        sum(years.offline_count) over (partition by year_kinds.period_kind, years.last_unit) as all_offline_count,
        sum(years.offline_count) over (
            partition by year_kinds.period_kind, years.last_unit
            order by years.offline_count desc, years.service_id asc
            rows between unbounded preceding and current row
        ) as cumulative_count
    from years
    inner join year_kinds
        on {{ is_year_of_kind('year_kinds.period_kind', 'years.last_unit') }}
)

select
    service_id,
    period_kind,
    {{ quarter_start('last_unit - 3') }} as period_start,
    {{ quarter_end('last_unit') }} as period_end,
    cast(offline_count as bigint) as offline_count,
    cast(total_count as bigint) as total_count,
    cast(case when all_offline_count > 0 then offline_count / cast(all_offline_count as double) end as double)
        as offline_share,
    cast(case when all_offline_count > 0 then cumulative_count / cast(all_offline_count as double) end as double)
        as cumulative_share,
    cast(change_count as bigint) as change_count,
    offers_digital = 1 as offers_digital,
    cast(quarters_measured as bigint) as quarters_measured,
    cast(quarters_compared as bigint) as quarters_compared,
    {{ is_simulated() }} as is_simulated
from placed
order by period_kind asc, period_end asc, offline_count desc, service_id asc
