{#- What each channel is a part of, with its digital count by every definition that applies.

    A definition applies where its basis and, if it names one, its service do: a new one is rows of
    the registers.
-#}
with

known_transactions as (
    {{ known_transactions_sql(stored('transaction_counts'), stored('transaction_adjustments'), moment()) | indent(4) }}
),

transactions as (
    select
        service_id,
        {{ month_index('month_start') }} as month_index,
        channel,
        assistance,
        online_extent,
        sum(transactions_count) as transactions_count
    from known_transactions
    where measure = 'completed'
    group by service_id, month_start, channel, assistance, online_extent
),

digital_months as (
    select
        transactions.service_id,
        classes.definition_id,
        transactions.month_index,
        transactions.channel,
        sum(transactions.transactions_count) as digital_count
    from transactions
    inner join {{ stored('definition_classes') }} as classes
        on
            transactions.channel = classes.channel
            and transactions.assistance = classes.assistance
            and transactions.online_extent = classes.online_extent
    where classes.is_digital
    group by transactions.service_id, classes.definition_id, transactions.month_index, transactions.channel
),

digital_units as (
    select
        'month' as level,
        service_id,
        definition_id,
        month_index as unit_index,
        channel,
        digital_count
    from digital_months
    union all
    select
        'quarter' as level,
        service_id,
        definition_id,
        cast(floor(month_index / 3.0) as bigint) as unit_index,
        channel,
        sum(digital_count) as digital_count
    from digital_months
    group by service_id, definition_id, floor(month_index / 3.0), channel
),

cells as (
    select
        'month' as level,
        basis,
        measure,
        service_id,
        month_index as unit_index,
        channel,
        is_part,
        is_present,
        case when is_present = 1 then transactions_count end as transactions_count,
        case when is_present = 1 then events_count end as events_count,
        value_status,
        is_over,
        is_registered,
        is_shown,
        volume_kind,
        first_known_at,
        known_at
    from {{ known('int_channel_months') }}
    union all
    select
        'quarter' as level,
        basis,
        measure,
        service_id,
        quarter_index as unit_index,
        channel,
        is_part,
        is_present,
        case when is_present = 1 then transactions_count end as transactions_count,
        case when is_present = 1 then events_count end as events_count,
        value_status,
        is_over,
        is_registered,
        is_shown,
        volume_kind,
        first_known_at,
        known_at
    from {{ known('int_channel_quarters') }}
),

-- The class of a channel by itself, for what was reported of it: nobody said who helped.
channel_classes as (
    select
        definition_id,
        channel,
        is_digital
    from {{ stored('definition_classes') }}
    where assistance = 'none' and online_extent = 'not_stated'
),

parts as (
    select
        cells.*,
        definitions.definition_id,
        case when channel_classes.is_digital then 1 else 0 end as is_digital_channel,
        -- Of a channel without events in the unit everything was reported.
        case
            when cells.events_count is not null
                then
                    coalesce(digital_units.digital_count, 0)
                    + case when channel_classes.is_digital then cells.transactions_count - cells.events_count else 0 end
            when channel_classes.is_digital then cells.transactions_count
            when cells.is_present = 1 then 0
        end as digital_count
    from cells
    inner join {{ stored('mart_definitions') }} as definitions
        on
            cells.service_id = coalesce(definitions.service_id, cells.service_id)
            and definitions.applies_to_basis in (cells.basis, 'both')
    inner join channel_classes
        on
            definitions.definition_id = channel_classes.definition_id
            and cells.channel = channel_classes.channel
    left join digital_units
        on
            cells.basis = 'events'
            and cells.level = digital_units.level
            and cells.service_id = digital_units.service_id
            and cells.unit_index = digital_units.unit_index
            and cells.channel = digital_units.channel
            and definitions.definition_id = digital_units.definition_id
)

select * from parts
