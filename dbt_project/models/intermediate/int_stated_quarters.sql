{#- Every quarter of a service with its stated total and digital part, as far as they are known. -#}
with

quarter_cells as (
    select
        *,
        {{ quarter_index('period_start') }} as quarter_index
    from {{ known('int_shown_cells') }}
    where period_kind = 'quarter'
),

known_cells as (
    {{ stated_quarter_cells_sql('quarter_cells', ['service_id', 'definition_id', 'measure', 'quarter_index'])
        | indent(4) }}
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
