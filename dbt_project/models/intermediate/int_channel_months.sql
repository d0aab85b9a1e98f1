{#- What each channel of a service counted in each month, as known at a moment.

    One row per basis, measure, service, month (as a consecutive integer) and channel that the
    register expects, rules out or that was counted.

    On the basis `reported` a channel holds what was reported of it. On the basis `events` it holds
    its transactions. From the first month in which it sends any, or the register says so, a month
    without one is a gap, unless a zero was reported. Before that, and for a channel that sends
    none, what was reported of it stands in: so a service can be measured whose paper forms nobody
    turns into events.

    A month that is not over has a count so far, and is not a part yet.
-#}
with

given_months as (
    select * from {{ known('int_channel_counts') }}
),

-- From when to when a service is counted on a basis. What stands in for events does not make a
-- series go on, a reported zero does.
spans as (
    select
        basis,
        measure,
        service_id,
        max(volume_kind) as volume_kind,
        min(first_month) as first_month,
        max(last_month) as last_month
    from (
        select
            basis,
            measure,
            service_id,
            volume_kind,
            month_index as first_month,
            month_index as last_month
        from given_months
        where basis = 'reported' or events_count is not null or reported_count = 0
        union all
        select
            'reported' as basis,
            measure,
            service_id,
            volume_kind,
            first_month,
            first_month + 2 as last_month
        from {{ known('int_reported_channels') }}
        where period_kind = 'quarter'
    ) as given
    group by basis, measure, service_id
),

-- Whole quarters, so that a quarter's missing months are seen too.
calendar as (
    select
        basis,
        measure,
        service_id,
        {{ explode_integers('first_month - first_month % 3', 'last_month - last_month % 3 + 2') }} as month_index
    from spans
),

expectations as (
    select * from {{ known('int_channel_expectations') }}
),

feeds as (
    select
        service_id,
        channel,
        min(fed_from) as fed_from
    from (
        select
            service_id,
            channel,
            month_index as fed_from
        from given_months
        where basis = 'events' and events_count is not null
        union all
        select
            service_id,
            channel,
            fed_from
        from expectations
        where fed_from is not null
    ) as known_feeds
    group by service_id, channel
),

parts as (
    select
        basis,
        measure,
        service_id,
        month_index,
        channel,
        max(is_expected) as is_expected,
        max(is_ruled_out) as is_ruled_out,
        max(is_given) as is_given,
        max(events_count) as events_count,
        max(reported_count) as reported_count,
        max(is_withdrawn) as is_withdrawn,
        max(is_withheld) as is_withheld,
        min(first_known_at) as first_known_at,
        max(known_at) as known_at
    from (
        select
            basis,
            measure,
            service_id,
            month_index,
            channel,
            0 as is_expected,
            0 as is_ruled_out,
            1 as is_given,
            events_count,
            reported_count,
            is_withdrawn,
            is_withheld,
            first_known_at,
            known_at
        from given_months
        union all
        select
            calendar.basis,
            calendar.measure,
            calendar.service_id,
            calendar.month_index,
            expectations.channel,
            expectations.is_expected,
            expectations.is_ruled_out,
            0 as is_given,
            cast(null as bigint) as events_count,
            cast(null as bigint) as reported_count,
            0 as is_withdrawn,
            0 as is_withheld,
            cast(null as {{ moment_type() }}) as first_known_at,
            cast(null as {{ moment_type() }}) as known_at
        from calendar
        inner join expectations
            on
                calendar.service_id = expectations.service_id
                and calendar.month_index >= expectations.first_month
                and calendar.month_index <= expectations.last_month
                and coalesce(expectations.only_basis, calendar.basis) = calendar.basis
    ) as given_and_expected
    group by basis, measure, service_id, month_index, channel
),

placed as (
    select
        parts.*,
        spans.volume_kind,
        case when parts.month_index >= feeds.fed_from then 1 else 0 end as is_fed,
        max(parts.is_expected) over ({{ service_unit('parts', 'month_index') }}) as is_registered,
        max(parts.is_given) over ({{ service_unit('parts', 'month_index') }}) as is_any_given,
        case when parts.month_index between spans.first_month and spans.last_month then 1 else 0 end as is_in_span,
        case
            when parts.basis = 'events' and parts.month_index >= {{ month_index(london_date(moment())) }} then 0
            else 1
        end as is_over,
        -- Transactions that happened weigh more than a register that rules them out; a report does not.
        case when parts.is_expected = 1 or parts.events_count > 0 then 0 else parts.is_ruled_out end as is_no_part
    from parts
    inner join spans
        on
            parts.basis = spans.basis
            and parts.measure = spans.measure
            and parts.service_id = spans.service_id
    left join feeds
        on
            parts.service_id = feeds.service_id
            and parts.channel = feeds.channel
            and parts.basis = 'events'
),

counted as (
    select
        *,
        case
            when is_no_part = 1 then null
            when events_count is not null then events_count
            when is_fed = 1 and reported_count > 0 then null
            else reported_count
        end as transactions_count
    from placed
)

select
    basis,
    measure,
    service_id,
    month_index,
    channel,
    1 - is_no_part as is_part,
    case when is_over = 1 and transactions_count is not null then 1 else 0 end as is_present,
    transactions_count,
    events_count,
    case
        when is_no_part = 1 then 'not_applicable'
        when transactions_count is null and is_withdrawn = 1 then 'withdrawn'
        when transactions_count is null and is_withheld = 1 then 'withheld'
        when transactions_count is null then 'not_provided'
        when is_over = 0 then 'incomplete'
        else 'provided'
    end as value_status,
    is_fed,
    is_over,
    is_registered,
    case when basis = 'events' then is_in_span else is_any_given end as is_shown,
    volume_kind,
    first_known_at,
    known_at
from counted
