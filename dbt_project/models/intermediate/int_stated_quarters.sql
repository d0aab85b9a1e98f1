{#- Every quarter of a service with its stated total and digital part, as far as they are known. Beside
    a stated total the digital part may be given by channel: it is the sum of the digital ones, where
    none of those that the service has is missing.
-#}
with

quarter_cells as (
    select
        *,
        {{ quarter_index('period_start') }} as quarter_index
    from {{ known('int_shown_cells') }}
    where period_kind = 'quarter'
),

stated_cells as (
    select
        service_id,
        definition_id,
        measure,
        breakdown,
        quarter_index,
        -- What does not apply is not a part, whatever a publication printed in its place.
        case when value_status <> 'not_applicable' then transactions_count end as transactions_count,
        value_status,
        volume_kind,
        known_from
    from quarter_cells
    where breakdown in ('digital', 'total')
),

digital_channels as (
    select
        definition_id,
        channel
    from {{ stored('definition_classes') }}
    where assistance = 'none' and online_extent = 'not_stated' and is_digital
),

-- A digital channel that the service has and the quarter lacks leaves its digital part unknown.
missing_channels as (
    select distinct
        totals.service_id,
        totals.definition_id,
        totals.measure,
        totals.quarter_index
    from stated_cells as totals
    inner join digital_channels
        on totals.definition_id = digital_channels.definition_id
    inner join {{ stored('mart_service_channels') }} as registered
        on
            totals.service_id = registered.service_id
            and digital_channels.channel = registered.channel
            and {{ channel_is_expected('registered', quarter_start('totals.quarter_index')) }}
    left join quarter_cells as cells
        on
            totals.service_id = cells.service_id
            and totals.definition_id = cells.definition_id
            and totals.measure = cells.measure
            and totals.quarter_index = cells.quarter_index
            and digital_channels.channel = cells.breakdown
    where totals.breakdown = 'total' and cells.transactions_count is null
),

digital_by_channel as (
    select
        cells.service_id,
        cells.definition_id,
        cells.measure,
        'digital' as breakdown,
        cells.quarter_index,
        sum(cells.transactions_count) as transactions_count,
        'provided' as value_status,
        max(cells.volume_kind) as volume_kind,
        max(cells.known_from) as known_from
    from quarter_cells as cells
    inner join digital_channels
        on
            cells.definition_id = digital_channels.definition_id
            and cells.breakdown = digital_channels.channel
    inner join stated_cells as totals
        on
            cells.service_id = totals.service_id
            and cells.definition_id = totals.definition_id
            and cells.measure = totals.measure
            and cells.quarter_index = totals.quarter_index
            and totals.breakdown = 'total'
            and totals.transactions_count is not null
    left join stated_cells as stated_digital
        on
            cells.service_id = stated_digital.service_id
            and cells.definition_id = stated_digital.definition_id
            and cells.measure = stated_digital.measure
            and cells.quarter_index = stated_digital.quarter_index
            and stated_digital.breakdown = 'digital'
    left join missing_channels
        on
            cells.service_id = missing_channels.service_id
            and cells.definition_id = missing_channels.definition_id
            and cells.measure = missing_channels.measure
            and cells.quarter_index = missing_channels.quarter_index
    where stated_digital.service_id is null and missing_channels.service_id is null
    group by cells.service_id, cells.definition_id, cells.measure, cells.quarter_index
    -- A total that is less than they are is not theirs.
    having
        count(*) = count(cells.transactions_count)
        and sum(cells.transactions_count) <= max(totals.transactions_count)
),

known_cells as (
    select * from stated_cells
    union all
    select * from digital_by_channel
),

quarters as (
    select
        service_id,
        definition_id,
        measure,
        quarter_index,
        max(volume_kind) as volume_kind,
        max(case when breakdown = 'digital' then transactions_count end) as digital_count,
        max(case when breakdown = 'total' then transactions_count end) as total_count,
        max(case when breakdown = 'digital' and value_status = 'withdrawn' then 1 else 0 end) as digital_withdrawn,
        max(case when breakdown = 'total' and value_status = 'withdrawn' then 1 else 0 end) as total_withdrawn,
        max(case when breakdown = 'digital' and value_status = 'withheld' then 1 else 0 end) as digital_withheld,
        max(case when breakdown = 'total' and value_status = 'withheld' then 1 else 0 end) as total_withheld,
        max(case when value_status = 'not_applicable' then 1 else 0 end) as not_applicable,
        max(known_from) as known_at
    from known_cells
    group by service_id, definition_id, measure, quarter_index
),

spans as (
    select
        service_id,
        definition_id,
        measure,
        max(volume_kind) as volume_kind,
        min(quarter_index) as first_index,
        max(quarter_index) as last_index
    from quarters
    group by service_id, definition_id, measure
),

-- Every quarter between a service's first and last, so that four rows are always a year: a
-- quarter that no publication gave lacks both its parts.
calendar as (
    select
        service_id,
        definition_id,
        measure,
        volume_kind,
        first_index,
        {{ explode_integers('first_index', 'last_index') }} as quarter_index
    from spans
),

every_quarter as (
    select
        calendar.service_id,
        calendar.definition_id,
        calendar.measure,
        calendar.volume_kind,
        calendar.quarter_index,
        calendar.quarter_index - calendar.first_index as quarters_before,
        case when quarters.quarter_index is null then 0 else 1 end as was_given,
        quarters.digital_count,
        quarters.total_count,
        -- What the part that is there says of the part that is not.
        case when quarters.total_count is null then quarters.digital_count end as digital_without_total,
        case when quarters.digital_count is null then quarters.total_count end as total_without_digital,
        case when quarters.digital_count > quarters.total_count then 1 else 0 end as inconsistent,
        coalesce(quarters.digital_withdrawn, 0) as digital_withdrawn,
        coalesce(quarters.total_withdrawn, 0) as total_withdrawn,
        coalesce(quarters.digital_withheld, 0) as digital_withheld,
        coalesce(quarters.total_withheld, 0) as total_withheld,
        coalesce(quarters.not_applicable, 0) as not_applicable,
        quarters.known_at
    from calendar
    left join quarters
        on
            calendar.service_id = quarters.service_id
            and calendar.definition_id = quarters.definition_id
            and calendar.measure = quarters.measure
            and calendar.quarter_index = quarters.quarter_index
)

select * from every_quarter
