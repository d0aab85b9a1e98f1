{#- What is worth a look in the figures known at a moment: published all the same, with a warning, or
    held back because it is impossible. -#}
with

warnings as (
    select
        *,
        'warn' as severity
    from {{ known('int_count_warnings') }}
    union all
    select
        *,
        'warn' as severity
    from {{ known('int_rolling_year_warnings') }}
    union all
    select
        *,
        'warn' as severity
    from {{ known('int_source_disagreements') }}
    union all
    select
        check_id,
        service_id,
        null as period_kind,
        null as period_start,
        null as period_end,
        null as measure,
        what,
        null as value,
        null as expected,
        input,
        known_at,
        'warn' as severity
    from {{ stored('int_file_remarks') }}
    where known_at <= {{ moment() }}
    union all
    select
        check_id,
        service_id,
        period_kind,
        period_start,
        period_end,
        quantity as measure,
        what,
        value,
        expected,
        input,
        known_at,
        'withheld' as severity
    from {{ known('int_impossible_figures') }}
)

select
    check_id,
    severity,
    service_id,
    period_kind,
    period_start,
    period_end,
    measure,
    what,
    value,
    expected,
    input,
    known_at,
    {{ is_simulated() }} as is_simulated
from warnings
order by check_id, service_id, period_start, measure, input
