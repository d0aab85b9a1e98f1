-- Records of a vintage, in the order of its rows. Reads the tables `broken` (rows that are refused
-- whole), `listings` (one row a service: position, service_id, fields), `figure_columns`, `cells`
-- (one row a service and column of figures) and `texts` (one row a text of cells, with what it says
-- as a count), the macros of `volume_events.sql`, and the variables `source`, `moment` and
-- `document`. Texts that go into events are `escaped` where there is one row of each.

create temp macro envelope(kind, key, body) as
    volume_event(getvariable('source'), getvariable('moment'), kind, key, body);

create temp table readings as
select
    raw,
    text as cell,
    escaped(text) as escaped_cell,
    count as cell_count,
    marker as cell_marker,
    decimal_value(unmarked(text)) as cell_value,
    is_unreadable as is_no_count,
from texts;

with listed as (
    select
        position,
        null as place,
        envelope('service.listed', concat('listing/', service_id), fields) as line,
    from listings
),

read_cells as (
    select
        cells.*,
        figure_columns.* exclude (column_index),
        readings.* exclude (raw),
        is_no_count and (is_quarter or cell_value is null) as is_unreadable,
    from cells
    inner join figure_columns on cells.column_index = figure_columns.column_index
    inner join readings on cells.raw = readings.raw
    where is_quarter or cell <> ''
),

figures as (
    select
        position,
        place,
        case
            when is_unreadable then null
            when is_quarter then envelope(
                'volume.reported',
                concat(service_id, '/', breakdown, '/', period_start),
                volume_data(
                    service_id, breakdown, 'completed', period, cell_count, 'not_provided',
                    escaped_cell, coalesce(cell_marker, nullif(column_marker, ''))
                )
            )
            else envelope(
                'figure.published',
                concat(service_id, '/', metric, '/', period_start),
                figure_data(
                    metric, service_id, period, cell_value, unit, escaped_cell,
                    getvariable('document'), escaped_place
                )
            )
        end as line,
        case when is_unreadable then raw end as raw,
        case when is_unreadable then 'unreadable_cell' end as reason,
        case
            when is_unreadable
                then 'row ' || position || ', column ' || replace(place, chr(10), ' ') || ': '
                    || left(raw, 100)
        end as detail,
    from read_cells
)

select * from listed
union all by name
select * from figures
union all by name
select * from broken
order by position, place
