{#- The one row of take-up to quote per service, period kind and period, by `quoted_first`. -#}
with

ranked as (
    select
        *,
        row_number() over (
            partition by service_id, period_kind, period_start, period_end
            order by {{ quoted_first() | indent(12) }}
        ) as precedence
    from {{ known('take_up') }}
)

-- The columns of take_up, whichever they are.
select {{ all_but('precedence') }} -- noqa: AM04
from ranked
where precedence = 1
order by service_id, period_kind, period_end
