{#- Every value that a reported cell held, one after the other, as known at a moment: those of publications,
    and those that setting something aside or restoring it made hold. `values_before` is how many
    numbers stood in the cell before.
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
)

select
    *,
    lag(transactions_count) over (partition by {{ cell }} order by known_from) as old_value,
    lag(known_from) over (partition by {{ cell }} order by known_from) as old_known_at,
    count(transactions_count) over (
        partition by {{ cell }}
        order by known_from
        rows between unbounded preceding and 1 preceding
    ) as values_before
from every_value
