{#- The one row of take-up to quote per service, period kind and period: of the authoritative
    basis, under the definition in force, completed transactions before others. -#}
with

ranked as (
    select
        *,
        row_number() over (
            partition by service_id, period_kind, period_start, period_end
            order by
                case when is_authoritative then 0 else 1 end,
                case when is_default_definition then 0 else 1 end,
                case measure when 'completed' then 0 when 'processed' then 1 else 2 end,
                definition_id,
                measure,
                basis
        ) as precedence
    from {{ known('take_up') }}
)

-- The columns of take_up, whichever they are.
select {{ all_but('precedence') }} -- noqa: AM04
from ranked
where precedence = 1
order by service_id, period_kind, period_end
