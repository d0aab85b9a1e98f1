{#- Figures that changed between two publications, by docs/measures.md, "revisions".

    One row per change of a reported cell that was known at the moment: a number for a number, a
    number taken back, or a number where there was none before. The cause is told by what was
    known just before the change; that a method changed can't be seen in figures.
-#}
{%- set cell = "service_id, definition_id, measure, breakdown, period_kind, period_start" -%}
{%- set columns = (cell ~ ", period_end, event_source, input") | replace(", ", ",\n        ") -%}
with

-- What held at the time. Where something was set aside or restored, what held before that moment
-- and what holds since then are values of the cell like any others.
held as (
    select
        {{ columns }},
        known_from,
        transactions_count,
        least(known_to, counts_to) as known_to,
        counts_to,
        cast(null as {{ dbt.type_string() }}) as set_aside_cause
    from {{ stored('reported_cells') }}
    where
        known_from <= {{ moment() }}
        and (counts_from is null or counts_from <= known_from)
        and (counts_to is null or counts_to > known_from)
    union all
    select
        {{ columns }},
        counts_from as known_from,
        transactions_count,
        least(known_to, counts_to) as known_to,
        counts_to,
        counts_because as set_aside_cause
    from {{ stored('reported_cells') }}
    where
        counts_from <= {{ moment() }}
        and known_from < counts_from
        and (known_to is null or known_to > counts_from)
),

-- The last value of a cell is set aside, and none is left.
emptied as (
    select
        held.*,
        lead(held.known_from) over (partition by {{ cell }} order by held.known_from) as next_known_from
    from held
),

every_value as (
    select * from held
    union all
    select
        {{ columns }},
        counts_to as known_from,
        cast(null as bigint) as transactions_count,
        next_known_from as known_to,
        cast(null as {{ moment_type() }}) as counts_to,
        'set_aside' as set_aside_cause
    from emptied
    where
        counts_to = known_to
        and counts_to <= {{ moment() }}
        and (next_known_from is null or next_known_from > counts_to)
),

statements as (
    select
        *,
        {{ month_index('period_start') }} as start_month,
        lag(transactions_count) over (partition by {{ cell }} order by known_from) as old_value,
        lag(known_from) over (partition by {{ cell }} order by known_from) as old_known_at
    from every_value
),

-- A publication is due when it brings a period that none of its source had before. Any other
-- was published in between, to correct.
due_publications as (
    select distinct
        event_source,
        first_known_from
    from (
        select
            event_source,
            period_kind,
            period_start,
            min(known_from) as first_known_from
        from statements
        where set_aside_cause is null
        group by event_source, period_kind, period_start
    ) as first_given
),

changes as (
    select
        *,
        start_month - {{ months_to_previous('period_kind') }} as previous_month
    from statements
    -- Stated again once its period was over, a figure is the same, and shown from then on.
    where old_known_at is not null and transactions_count is distinct from old_value
),

explained as (
    select
        changes.*,
        due_publications.event_source is not null as is_due,
        -- A positive figure that equalled the period before to the last digit was a copy.
        coalesce(changes.old_value > 0 and changes.old_value = period_before.transactions_count, false) as was_copied,
        case changes.breakdown
            when 'digital' then coalesce(changes.old_value > other_part.transactions_count, false)
            when 'total' then coalesce(changes.old_value < other_part.transactions_count, false)
            else false
        end as was_contradictory
    from changes
    left join due_publications
        on
            changes.event_source = due_publications.event_source
            and changes.known_from = due_publications.first_known_from
    left join statements as period_before
        on
            changes.service_id = period_before.service_id
            and changes.definition_id = period_before.definition_id
            and changes.measure = period_before.measure
            and changes.breakdown = period_before.breakdown
            and changes.period_kind = period_before.period_kind
            and changes.previous_month = period_before.start_month
            and changes.known_from > period_before.known_from
            and (period_before.known_to is null or changes.known_from <= period_before.known_to)
    left join statements as other_part
        on
            changes.service_id = other_part.service_id
            and changes.definition_id = other_part.definition_id
            and changes.measure = other_part.measure
            and changes.period_kind = other_part.period_kind
            and changes.period_start = other_part.period_start
            and other_part.breakdown
            = case changes.breakdown when 'digital' then 'total' when 'total' then 'digital' end
            and changes.known_from > other_part.known_from
            and (other_part.known_to is null or changes.known_from <= other_part.known_to)
)

select
    service_id,
    period_kind,
    period_start,
    period_end,
    definition_id,
    {{ count_name('breakdown', 'measure') }} as measure,
    cast(old_value as bigint) as old_value,
    cast(transactions_count as bigint) as new_value,
    old_known_at,
    known_from as new_known_at,
    case
        when set_aside_cause is not null then set_aside_cause
        when transactions_count is null then 'withdrawn'
        when old_value is null then 'late'
        when not is_due or was_copied or was_contradictory then 'error'
        else 'scheduled'
    end as cause,
    input,
    {{ is_simulated() }} as is_simulated
from explained
