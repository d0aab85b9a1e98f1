-- Records of a vintage, in the order of its rows. Reads the tables `broken` (rows that are refused
-- whole), `listings` (one row a service: position, service_id, fields) and `cells` (one row a
-- service and column of figures, with what it says as a count), the macros of `volume_events.sql`,
-- and the variables `source`, `moment` and `document`.

create temp macro envelope(kind, key, body) as
    volume_event(getvariable('source'), getvariable('moment'), kind, key, body);

with listed as (
    select
        position,
        null as place,
        envelope('service.listed', 'listing/' || service_id, fields) as line,
    from listings
),

read_cells as (
    select
        *,
        cell_is_unreadable and (period_kind = 'quarter' or not is_decimal(cell)) as is_unreadable,
    from cells
),

unreadable as (
    select
        position,
        place,
        raw,
        'unreadable_cell' as reason,
        'row ' || position || ', column ' || replace(place, chr(10), ' ') || ': '
            || left(raw, 100) as detail,
    from read_cells
    where is_unreadable
),

volumes as (
    select
        position,
        place,
        envelope(
            'volume.reported',
            service_id || '/' || breakdown || '/' || period_start,
            volume_data(
                service_id, breakdown, 'completed', period, cell_count, 'not_provided', cell,
                coalesce(cell_marker, nullif(column_marker, ''))
            )
        ) as line,
    from read_cells
    where period_kind = 'quarter' and not is_unreadable
),

figures as (
    select
        position,
        place,
        envelope(
            'figure.published',
            service_id || '/' || metric || '/' || period_start,
            figure_data(
                metric, service_id, period, cell, unit, getvariable('document'), place
            )
        ) as line,
    from read_cells
    where period_kind = 'rolling_year' and cell <> '' and not is_unreadable
)

select * from listed
union all by name
select * from volumes
union all by name
select * from figures
union all by name
select * from unreadable
union all by name
select * from broken
order by position, place
