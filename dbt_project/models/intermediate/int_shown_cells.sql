{#- Reported cells of months and quarters as known at a moment, without what a check found impossible. -#}
with

held_back as (
    select distinct
        service_id,
        definition_id,
        measure,
        breakdown,
        period_kind,
        period_start
    from {{ known('int_impossible_figures') }}
    where breakdown is not null
)

select
    cells.service_id,
    cells.definition_id,
    cells.measure,
    cells.breakdown,
    cells.period_kind,
    cells.period_start,
    cells.period_end,
    case when held_back.service_id is null then cells.transactions_count end as transactions_count,
    case
        when held_back.service_id is null or cells.value_status = 'not_applicable' then cells.value_status
        else 'withheld'
    end as value_status,
    cells.volume_kind,
    cells.event_source,
    cells.input,
    cells.known_from
from {{ stored('reported_cells') }} as cells
-- A service that nobody lists has no name to be shown by, nor a department to be counted in.
inner join {{ known('int_listed_services') }} as listed
    on cells.service_id = listed.service_id
left join held_back
    on
        cells.service_id = held_back.service_id
        and cells.definition_id = held_back.definition_id
        and cells.measure = held_back.measure
        and cells.breakdown = held_back.breakdown
        and cells.period_kind = held_back.period_kind
        and cells.period_start = held_back.period_start
where
    cells.period_kind in ('month', 'quarter')
    and cells.known_from <= {{ moment() }}
    and (cells.known_to is null or cells.known_to > {{ moment() }})
    and {{ counts_at(moment(), 'cells') }}
