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

select
    service_id,
    period_kind,
    period_start,
    period_end,
    definition_id,
    measure,
    digital_count,
    total_count,
    take_up_ratio,
    take_up_lower,
    take_up_upper,
    parts_present,
    parts_expected,
    value_status,
    status_reason,
    is_default_definition,
    basis,
    is_authoritative,
    known_at,
    is_simulated
from ranked
where precedence = 1
order by service_id, period_kind, period_end
