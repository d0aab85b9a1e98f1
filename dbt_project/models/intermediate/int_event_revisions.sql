{#- Months of transaction events that changed after they were first published, as known at a moment.

    One row per change of a service's completed transactions of a month, in total and digital
    under the definition in force at its end. A month is first published by the first run after
    its last day: what that run brings is not a revision, what a later one brings is.
-#}
{%- set text = dbt.type_string() -%}
with

in_force as (
    select
        definition_id,
        coalesce(valid_from, date '0001-01-01') as valid_from,
        coalesce(valid_to, date '9999-12-31') as valid_to
    from {{ stored('mart_definitions') }}
    where
        is_default_eligible
        and applies_to_basis in ('events', 'both')
        and service_id is null
),

changes as (
    {{ known_transactions_sql(stored('transaction_counts'), stored('transaction_adjustments'), moment()) | indent(4) }}
),

by_night as (
    select
        changes.service_id,
        changes.month_start,
        in_force.definition_id,
        changes.known_at,
        max(changes.cause_rank) as cause_rank,
        sum(changes.transactions_count) as total_change,
        sum(case when classes.is_digital then changes.transactions_count else 0 end) as digital_change
    from changes
    inner join in_force
        on
            last_day(changes.month_start) >= in_force.valid_from
            and last_day(changes.month_start) <= in_force.valid_to
    inner join {{ stored('definition_classes') }} as classes
        on
            in_force.definition_id = classes.definition_id
            and changes.channel = classes.channel
            and changes.assistance = classes.assistance
            and changes.online_extent = classes.online_extent
    where changes.measure = 'completed'
    group by changes.service_id, changes.month_start, in_force.definition_id, changes.known_at
),

-- Since when anything was known of a month: until then even a zero stood nowhere.
dated as (
    select
        *,
        min(known_at) over (partition by service_id, month_start) as first_known_at
    from by_night
),

measured as (
    select
        service_id,
        month_start,
        definition_id,
        known_at,
        first_known_at,
        cause_rank,
        'total_count' as measure,
        total_change as change_count
    from dated
    union all
    select
        service_id,
        month_start,
        definition_id,
        known_at,
        first_known_at,
        cause_rank,
        'digital_count' as measure,
        digital_change as change_count
    from dated
),

-- A night that moved what cancels out, or nothing digital, changed no figure.
followed as (
    select
        *,
        sum(change_count) over (
            partition by service_id, month_start, measure order by known_at
        ) as new_value,
        coalesce(
            lag(known_at) over (partition by service_id, month_start, measure order by known_at),
            first_known_at
        ) as old_known_at
    from measured
    where change_count <> 0
),

first_published as (
    select
        months.month_start,
        min(runs.recorded_at) as published_at
    from (select distinct month_start from followed) as months
    inner join {{ stored('run_history') }} as runs
        on {{ london_date('runs.recorded_at') }} > last_day(months.month_start)
    where runs.recorded_at <= {{ moment() }}
    group by months.month_start
),

inputs as (
    select
        recorded_at,
        min(name) as first_name,
        count(distinct name) as names_count
    from {{ stored('ingest_ledger') }}
    where state = 'ingested'
    group by recorded_at
)

select
    followed.service_id,
    'month' as period_kind,
    followed.month_start as period_start,
    last_day(followed.month_start) as period_end,
    followed.definition_id,
    followed.measure,
    cast(followed.new_value - followed.change_count as bigint) as old_value,
    cast(followed.new_value as bigint) as new_value,
    followed.old_known_at,
    followed.known_at as new_known_at,
    case followed.cause_rank
        when 3 then 'set_aside'
        when 2 then 'restored'
        when 1 then 'error'
        else 'late'
    end as cause,
    case
        when inputs.names_count > 1
            then concat(inputs.first_name, ' and ', cast(inputs.names_count - 1 as {{ text }}), ' more')
        else inputs.first_name
    end as input,
    {{ is_simulated() }} as is_simulated
from followed
inner join first_published
    on
        followed.month_start = first_published.month_start
        and followed.known_at > first_published.published_at
left join inputs
    on followed.known_at = inputs.recorded_at
where followed.known_at > followed.old_known_at
