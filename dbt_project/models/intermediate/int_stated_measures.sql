{#- The publisher's own figures of the standard measures, as known at a moment: of each the last one,
    without a value where it was taken back. -#}
with

ranked as (
    select
        *,
        -- What one source took back another may still state.
        row_number() over (
            partition by service_id, quantity, period_start, period_end
            order by
                case when value is null then 1 else 0 end,
                known_from desc,
                input desc,
                event_source desc
        ) as number_from_last
    from {{ stored('int_stated_figures') }}
    where
        known_from <= {{ moment() }}
        and (known_to is null or known_to > {{ moment() }})
)

select
    service_id,
    'rolling_year' as period_kind,
    period_start,
    period_end,
    quantity,
    value,
    -- Nobody's rate and no cost is nothing: a zero stands where a figure should be.
    coalesce(value = 0, false) as is_placeholder,
    input,
    known_from as known_at
from ranked
where number_from_last = 1
