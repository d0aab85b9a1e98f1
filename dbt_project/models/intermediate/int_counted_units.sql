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

ranked as (
    select
        take_up.*,
        row_number() over (
            partition by take_up.service_id, take_up.period_kind, take_up.period_start, take_up.definition_id
            order by case when take_up.is_authoritative then 0 else 1 end
        ) as precedence
    from {{ known('take_up') }} as take_up
    inner join flows
        on take_up.service_id = flows.service_id
    where
        take_up.measure = 'completed'
        and take_up.period_kind in ('month', 'quarter')
        and (take_up.is_authoritative or take_up.basis = 'reported')
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
    case when is_authoritative and is_default_definition then 1 else 0 end as is_headline
from ranked
where precedence = 1
