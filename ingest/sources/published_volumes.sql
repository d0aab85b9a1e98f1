-- Records of a vintage, in the order of its rows. Reads the tables `broken` (rows that are refused
-- whole), `listings` (one row a service: position, service_id, fields), `cells` (one row a service
-- and column of figures) and `texts` (one row a text of cells, with what it says as a count), the
-- macro `unmarked` (a cell without revised or provisional beside it), and the variables `source`,
-- `moment` and `document`.

create temp macro envelope(kind, key, body) as to_json({
    'specversion': '1.0',
    'id': getvariable('moment') || '/' || key,
    'source': getvariable('source'),
    'type': 'uk.gov.takeup.' || kind || '.v1',
    'time': getvariable('moment'),
    'datacontenttype': 'application/json',
    'publishedat': getvariable('moment'),
    'data': body
})::varchar;

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
    regexp_matches(number, '^-?(\d+|\d{1,3}(,\d{3})+)(\.\d+)?%?$') as is_decimal,
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
            json_merge_patch('{}', json_object(
                'service_id', service_id, 'breakdown', breakdown, 'measure', 'completed',
                'period', period::json, 'count', cell_count,
                'status', case when cell_count is null then 'not_provided' end,
                'text', case when cell_count is null then nullif(cell, '') end,
                'marker',
                case when cell_count is not null
                    then coalesce(cell_marker, nullif(column_marker, ''))
                end
            ))
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
            case when is_decimal
                then json_object(
                    'metric', metric, 'service_id', service_id, 'period', period::json,
                    'value', replace(replace(number, ',', ''), '%', '')::double
                        / case when ends_with(number, '%') then 100 else 1 end,
                    'unit', unit, 'qualifier', 'exact', 'text', cell,
                    'document', getvariable('document'), 'place', place
                )
                else json_object(
                    'metric', metric, 'service_id', service_id, 'period', period::json,
                    'unit', unit, 'qualifier', 'no_number', 'text', cell,
                    'document', getvariable('document'), 'place', place
                )
            end
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
