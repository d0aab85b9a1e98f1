-- Records of a vintage, in the order of its rows. Reads the tables `broken` (rows that are refused
-- whole), `listings` (one row a service: position, service_id, fields), `cells` (one row a service
-- and column of figures) and `texts` (one row a text of cells, with what it says as a count), the
-- macros of `volume_events.sql`, and the variables `source`, `moment` and `document`.

create temp macro envelope(kind, key, body) as
    volume_event(getvariable('source'), getvariable('moment'), kind, key, body);

create temp table readings as
with parted as (
    select
        raw,
        text as cell,
        count as cell_count,
        marker as cell_marker,
        is_unreadable as is_no_count,
        unmarked(text) as number,
    from texts
)

select
    *,
    is_decimal_text(number) as is_decimal,
from parted;

with listed as (
    select
        position,
        null as place,
        envelope('service.listed', 'listing/' || service_id, fields) as line,
    from listings
),

read_cells as (
    select
        cells.*,
        readings.* exclude (raw),
        is_no_count and (period_kind = 'quarter' or not is_decimal) as is_unreadable,
    from cells
    inner join readings on cells.raw = readings.raw
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
                metric, service_id, period, cell, number, is_decimal, unit,
                getvariable('document'), place
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
