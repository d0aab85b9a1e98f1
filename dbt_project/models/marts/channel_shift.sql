{#- Channel shift: take-up against the period before, the same period a year before, and the
    baseline, by the rules of docs/measures.md, "channel shift".

    One row per row of take-up. The baseline is the first complete period of its kind. A service
    that never had an offline route has take-up and no shift; single months and quarters of a
    seasonal service are held against the year before only.
-#}
{%- set series -%}
    partition by service_id, period_kind, definition_id, measure, basis
{%- endset %}
{%- set on_series -%}
            placed.service_id = {side}.service_id
            and placed.period_kind = {side}.period_kind
            and placed.definition_id = {side}.definition_id
            and placed.measure = {side}.measure
            and placed.basis = {side}.basis
{%- endset %}
with

take_up_rows as (
    select
        *,
        {{ month_index('period_start') }} as start_month,
        min(case when value_status = 'complete' then period_start end) over ({{ series }}) as first_complete
    from {{ known('take_up') }}
),

facts as (
    select
        service_id,
        department_id,
        is_seasonal,
        has_offline_route
    from {{ stored('mart_services') }}
),

placed as (
    select
        take_up_rows.*,
        take_up_rows.start_month - {{ months_to_previous('take_up_rows.period_kind') }} as previous_month,
        take_up_rows.start_month - 12 as year_before_month,
        facts.department_id,
        coalesce(facts.has_offline_route, true) as has_shift,
        coalesce(facts.has_offline_route, true)
        and not (
            coalesce(facts.is_seasonal, false) and take_up_rows.period_kind in ('month', 'quarter')
        ) as has_every_shift
    from take_up_rows
    left join facts
        on take_up_rows.service_id = facts.service_id
),

ran as (
    {{ known_campaigns() }}
),

campaigns_counted as (
    select
        placed.service_id,
        placed.period_start,
        placed.period_end,
        count(distinct ran.campaign_id) as campaigns_count
    from placed
    inner join ran
        on
            (placed.service_id = ran.service_id or placed.department_id = ran.department_id)
            and placed.period_start <= ran.ended_on
            and placed.period_end >= ran.started_on
    -- Of which only the year is known, nobody knows in which of its periods it ran.
    where ran.date_precision is distinct from 'year'
    group by placed.service_id, placed.period_start, placed.period_end
)

select
    placed.service_id,
    placed.period_kind,
    placed.period_start,
    placed.period_end,
    placed.definition_id,
    placed.measure,
    placed.basis,
    placed.is_authoritative,
    placed.take_up_ratio,
    case
        when placed.has_every_shift then 100.0 * (placed.take_up_ratio - previous.take_up_ratio)
    end as shift_pp_previous,
    case
        when placed.has_shift then 100.0 * (placed.take_up_ratio - year_before.take_up_ratio)
    end as shift_pp_year,
    case when placed.has_every_shift then placed.first_complete end as baseline_period_start,
    case
        when placed.has_every_shift then 100.0 * (placed.take_up_ratio - baseline.take_up_ratio)
    end as shift_pp_baseline,
    cast(coalesce(campaigns_counted.campaigns_count, 0) as bigint) as campaigns_count,
    placed.value_status,
    {{ is_simulated() }} as is_simulated
from placed
left join take_up_rows as previous
    on
        {{ on_series | replace('{side}', 'previous') | trim }}
        and placed.previous_month = previous.start_month
left join take_up_rows as year_before
    on
        {{ on_series | replace('{side}', 'year_before') | trim }}
        and placed.year_before_month = year_before.start_month
left join take_up_rows as baseline
    on
        {{ on_series | replace('{side}', 'baseline') | trim }}
        and placed.first_complete = baseline.period_start
left join campaigns_counted
    on
        placed.service_id = campaigns_counted.service_id
        and placed.period_start = campaigns_counted.period_start
        and placed.period_end = campaigns_counted.period_end
order by placed.service_id, placed.period_kind, placed.period_end, placed.definition_id
