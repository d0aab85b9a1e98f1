{#- Digital take-up from all that there is: which row of a service and period is authoritative, and
    which one is under the definition to quote.

    One row per service, period, definition, measure and basis.
-#}
{%- set service_period = "service_id, period_kind, period_start, period_end" -%}
with

shown as (
    select * from {{ known('int_take_up_shown') }}
),

reported_services as (
    {{ reported_services() }}
),

-- The service's own word is that of its channels: events are authoritative where they are for
-- any of them, for what sends none is part of their total as it was reported. Where nothing was
-- ever reported, nobody is asked.
authorities as (
    select
        first_days.service_id,
        first_days.period_start,
        max({{ events_are_authoritative('registered', 'first_days.period_start') }}) as is_events
    from (
        select distinct
            service_id,
            period_start
        from shown
    ) as first_days
    inner join {{ stored('mart_service_channels') }} as registered
        on
            first_days.service_id = registered.service_id
            and {{ channel_is_expected('registered', 'first_days.period_start') }}
    group by first_days.service_id, first_days.period_start
),

with_authority as (
    select
        shown.*,
        case
            when reported_services.service_id is null or authorities.is_events = 1 then 'events'
            else 'reported'
        end as authoritative_basis,
        case
            when
                definitions.is_default_eligible
                and shown.period_end >= coalesce(definitions.valid_from, date '0001-01-01')
                and shown.period_end <= coalesce(definitions.valid_to, date '9999-12-31')
                then 1
            else 0
        end as is_in_force
    from shown
    left join authorities
        on
            shown.service_id = authorities.service_id
            and shown.period_start = authorities.period_start
    left join reported_services
        on shown.service_id = reported_services.service_id
    left join {{ stored('mart_definitions') }} as definitions
        on shown.definition_id = definitions.definition_id
),

compared as (
    select
        *,
        max(is_in_force) over (partition by {{ service_period }}) as is_any_in_force
    from with_authority
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
    -- The definition in force among those shown, else the publisher's.
    is_in_force = 1 or (is_any_in_force = 0 and basis = 'reported') as is_default_definition,
    basis,
    basis = authoritative_basis as is_authoritative,
    known_at,
    {{ is_simulated() }} as is_simulated
from compared
order by service_id, period_kind, period_end, definition_id, measure, basis
