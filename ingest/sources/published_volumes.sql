-- Records of a vintage, in the order of its rows. Reads the tables
-- `broken` (rows that are refused whole), `listings` (one row a service: position,
-- service_id, fields) and `cells` (one row a service and column of figures, with what it says as a
-- count), and the variables `source`, `moment` and `document`.

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

create temp macro is_decimal(cell) as
    regexp_matches(cell, '^-?(\d+|\d{1,3}(,\d{3})+)(\.\d+)?%?$');

with listed as (
    select
        position,
        null as place,
        envelope('service.listed', 'listing/' || service_id, fields) as line,
        null as raw,
        null as reason,
        null as detail,
    from listings
),

volumes as (
    select
        position,
        place,
        case when not cell_is_unreadable then envelope(
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
        ) end as line,
        case when cell_is_unreadable then raw end as raw,
        case when cell_is_unreadable then 'unreadable_cell' end as reason,
        case when cell_is_unreadable
            then 'row ' || position || ', column ' || replace(place, chr(10), ' ') || ': '
                || left(raw, 100)
        end as detail,
    from cells
    where period_kind = 'quarter'
),

figures as (
    select
        position,
        place,
        envelope(
            'figure.published',
            service_id || '/' || metric || '/' || period_start,
            case when is_decimal(cell)
                then json_object(
                    'metric', metric, 'service_id', service_id, 'period', period::json,
                    'value', replace(replace(cell, ',', ''), '%', '')::double
                        / case when ends_with(cell, '%') then 100 else 1 end,
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
        null as raw,
        null as reason,
        null as detail,
    from cells
    where period_kind = 'rolling_year' and cell <> ''
)

select * from listed
union all by name
select * from volumes
union all by name
select * from figures
union all by name
select *, null as line from broken
order by position, place
