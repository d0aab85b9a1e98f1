{#- Campaigns on the series of take-up: the shift before and the shift after. It says when they
    ran and what take-up was, and nothing of what caused it.

    One row per campaign and kind of period (months, quarters). `before` is the last complete
    period that ended before the campaign began, `after` the first that began after it ended,
    both by one definition and basis: those of the row to quote. Not for services whose periods can't be
    held against the one before: seasonal ones, and those without an offline route.
-#}
with

period_kinds as (
    select 'month' as period_kind
    union all
    select 'quarter' as period_kind
),

known_ones as (
    {{ known_campaigns() }}
),

ran as (
    select
        known_ones.*,
        period_kinds.period_kind
    from known_ones
    cross join period_kinds
),

series as (
    select
        take_up.service_id,
        cast(null as {{ dbt.type_string() }}) as department_id,
        take_up.definition_id,
        take_up.basis,
        take_up.period_kind,
        take_up.period_start,
        take_up.period_end,
        take_up.take_up_ratio,
        case when take_up.is_authoritative then 0 else 2 end
        + case when take_up.is_default_definition then 0 else 1 end as precedence
    from {{ known('take_up') }} as take_up
    left join {{ stored('mart_services') }} as services
        on take_up.service_id = services.service_id
    where
        take_up.value_status = 'complete'
        and take_up.measure = 'completed'
        and take_up.period_kind in ('month', 'quarter')
        and not coalesce(services.is_seasonal, false)
        and coalesce(services.has_offline_route, true)
    union all
    select
        cast(null as {{ dbt.type_string() }}) as service_id,
        department_id,
        definition_id,
        cast(null as {{ dbt.type_string() }}) as basis,
        period_kind,
        period_start,
        period_end,
        take_up_ratio,
        -- A department has no definition of its own: the one that covers most services.
        -services_measured as precedence
    from {{ known('department_take_up') }}
    where
        level = 'department'
        and structure = 'as_at_period'
        and scope = 'all'
        and coverage_status <> 'too_incomplete'
        and take_up_ratio is not null
        and period_kind in ('month', 'quarter')
),

placed as (
    select
        ran.campaign_id,
        ran.started_on,
        series.*,
        case when series.period_end < ran.started_on then 'before' else 'after' end as side
    from ran
    inner join series
        on
            ran.period_kind = series.period_kind
            and (ran.service_id = series.service_id or ran.department_id = series.department_id)
            and (ran.started_on > series.period_end or ran.ended_on < series.period_start)
),

nearest as (
    select
        *,
        row_number() over (
            partition by campaign_id, period_kind, definition_id, basis, side
            order by case when side = 'before' then period_start end desc, period_start
        ) as distance
    from placed
),

by_definition as (
    select
        campaign_id,
        period_kind,
        definition_id,
        basis,
        max(case when side = 'before' and distance = 1 then period_start end) as before_period_start,
        max(case when side = 'before' and distance = 1 then period_end end) as before_period_end,
        max(case when side = 'before' and distance = 1 then take_up_ratio end) as take_up_before,
        max(case when side = 'after' and distance = 1 then period_start end) as after_period_start,
        max(case when side = 'after' and distance = 1 then period_end end) as after_period_end,
        max(case when side = 'after' and distance = 1 then take_up_ratio end) as take_up_after,
        max(case when side = 'before' and distance = 2 then period_start end) as earlier_period_start,
        max(case when side = 'before' and distance = 2 then take_up_ratio end) as take_up_earlier,
        min(case when distance = 1 then precedence end) as precedence
    from nearest
    where distance <= 2
    group by campaign_id, period_kind, definition_id, basis
),

quoted as (
    select
        *,
        row_number() over (
            partition by campaign_id, period_kind
            order by
                case when take_up_before is not null and take_up_after is not null then 0 else 1 end,
                precedence,
                definition_id,
                basis
        ) as definition_number
    from by_definition
)

select
    ran.campaign_id,
    ran.service_id,
    ran.department_id,
    ran.campaign_kind,
    ran.started_on,
    ran.ended_on,
    ran.period_kind,
    quoted.definition_id,
    quoted.before_period_start,
    quoted.before_period_end,
    quoted.take_up_before,
    quoted.after_period_start,
    quoted.after_period_end,
    quoted.take_up_after,
    -- Only from the period immediately before: a longer way back is not a measure of the trend.
    case
        when
            {{ month_index('quoted.earlier_period_start') }} + {{ months_to_previous('ran.period_kind') }}
            = {{ month_index('quoted.before_period_start') }}
            then 100.0 * (quoted.take_up_before - quoted.take_up_earlier)
    end as shift_pp_before,
    100.0 * (quoted.take_up_after - quoted.take_up_before) as shift_pp_after,
    ran.date_precision,
    ran.citation,
    ran.known_at,
    {{ is_simulated() }} as is_simulated
from ran
left join quoted
    on
        ran.campaign_id = quoted.campaign_id
        and ran.period_kind = quoted.period_kind
        and quoted.definition_number = 1
order by ran.started_on, ran.campaign_id, ran.period_kind
