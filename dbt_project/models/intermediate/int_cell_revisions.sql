{#- Figures that changed between two publications, by docs/measures.md, "revisions".

    One row per change of a reported cell that was known at the moment: a number for a number, a
    number taken back, or a number where there was none before. The cause is told by what was
    known just before the change; that a method changed can't be seen in figures.
-#}
{%- set cell = "service_id, definition_id, measure, breakdown, period_kind, period_start" -%}
with

statements as (
    select
        *,
        {{ month_index('period_start') }} as start_month,
        lag(transactions_count) over (partition by {{ cell }} order by known_from) as old_value,
        lag(known_from) over (partition by {{ cell }} order by known_from) as old_known_at
    from {{ stored('reported_cells') }}
    where known_from <= {{ moment() }}
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
        when transactions_count is null then 'withdrawn'
        when old_value is null then 'late'
        when not is_due or was_copied or was_contradictory then 'error'
        else 'scheduled'
    end as cause,
    input,
    {{ is_simulated() }} as is_simulated
from explained
