{#- What was last reported of each channel of a service, as known at a moment.

    One row per service, measure, channel, kind of period (`month`, `quarter`) and period, months as
    consecutive integers. Longer periods are a publisher's own sums: claims, and not input.
-#}
with

-- Where two sources report the same, the one that spoke last counts.
known_cells as (
    select
        *,
        row_number() over (
            partition by service_id, measure, breakdown, period_kind, period_start
            order by known_from desc, definition_id desc
        ) as precedence
    from {{ known('int_shown_cells') }}
    where breakdown not in ('total', 'digital', 'assisted_digital', 'non_digital')
)

select
    service_id,
    measure,
    breakdown as channel,
    period_kind,
    {{ month_index('period_start') }} as first_month,
    transactions_count,
    case when value_status = 'withdrawn' then 1 else 0 end as is_withdrawn,
    case when value_status = 'withheld' then 1 else 0 end as is_withheld,
    volume_kind,
    known_from as known_at
from known_cells
where precedence = 1
