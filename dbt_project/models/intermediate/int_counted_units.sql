{#- The month and quarter counts by which a service counts towards bodies, as known at a moment.

    One row per flow service, definition, level (month, quarter) and unit (a consecutive integer): a
    service counts under each definition once. Transactions count where they are authoritative, and
    what was reported also where transactions have taken its place under another definition, for
    it is all that there is under its own.
-#}
with

flows as (
    {{ known_flows_sql() | indent(4) }}
),

shown as (
    select
        *,
        row_number() over (
            partition by service_id, period_kind, period_start
            order by {{ quoted_first() | indent(12) }}
        ) as quoted
    from {{ known('take_up') }}
    where period_kind in ('month', 'quarter')
),

ranked as (
    select
        shown.*,
        row_number() over (
            partition by shown.service_id, shown.period_kind, shown.period_start, shown.definition_id
            order by case when shown.is_authoritative then 0 else 1 end
        ) as precedence
    from shown
    inner join flows
        on shown.service_id = flows.service_id
    where
        shown.measure = 'completed'
        and (shown.is_authoritative or shown.basis = 'reported')
)

select
    service_id,
    definition_id,
    period_kind as level,
    case period_kind
        when 'month' then {{ month_index('period_start') }}
        else {{ quarter_index('period_start') }}
    end as unit_index,
    digital_count,
    total_count,
    case when value_status in ('complete', 'no_transactions') then 1 else 0 end as is_measured,
    case when quoted = 1 then 1 else 0 end as is_headline
from ranked
where precedence = 1
