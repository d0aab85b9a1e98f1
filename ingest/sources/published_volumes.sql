-- Records of a vintage, in the order of its rows. Reads the tables `landed` (the rows as text, with
-- row_number), `listings` (one row a service: position, service_id, fields) and `cells` (one row a
-- service and column of figures), and the variables `source`, `moment` and `document`.

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

create temp macro is_whole(cell) as regexp_matches(cell, '^(\d+|\d{1,3}(,\d{3})+)(\.0+)?$');

create temp macro is_decimal(cell) as
    regexp_matches(cell, '^-?(\d+|\d{1,3}(,\d{3})+)(\.\d+)?%?$');

create temp macro looks_like_a_number(cell) as
    regexp_matches(cell, '^[-+£\s\d.,%()]*\d[-+£\s\d.,%()]*$');

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

counted as (
    select
        *,
        case when is_whole(cell) then split_part(replace(cell, ',', ''), '.', 1) end as count,
        not is_whole(cell) and looks_like_a_number(cell)
            or coalesce(strlen(count) > 18, false) as is_unreadable,
    from cells
    where period_kind = 'quarter'
),

volumes as (
    select
        position,
        place,
        case when not is_unreadable then envelope(
            'volume.reported',
            service_id || '/' || breakdown || '/' || period_start,
            case
                when count is not null then json_object(
                    'service_id', service_id, 'breakdown', breakdown, 'measure', 'completed',
                    'period', period, 'count', count::hugeint
                )
                when cell = '' then json_object(
                    'service_id', service_id, 'breakdown', breakdown, 'measure', 'completed',
                    'period', period, 'status', 'not_provided'
                )
                else json_object(
                    'service_id', service_id, 'breakdown', breakdown, 'measure', 'completed',
                    'period', period, 'status', 'not_provided', 'text', cell
                )
            end
        ) end as line,
        case when is_unreadable then raw end as raw,
        case when is_unreadable then 'unreadable_cell' end as reason,
        case when is_unreadable
            then 'row ' || position || ', column ' || replace(place, chr(10), ' ') || ': '
                || left(raw, 100)
        end as detail,
    from counted
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
                    'metric', metric, 'service_id', service_id, 'period', period,
                    'value', replace(replace(cell, ',', ''), '%', '')::double
                        / case when ends_with(cell, '%') then 100 else 1 end,
                    'unit', unit, 'qualifier', 'exact', 'text', cell,
                    'document', getvariable('document'), 'place', place
                )
                else json_object(
                    'metric', metric, 'service_id', service_id, 'period', period,
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
),

keyless as (
    select
        row_number as position,
        'Slug' as place,
        null as line,
        to_json(landed)::varchar as raw,
        'missing_key' as reason,
        'row ' || row_number || ' has no slug' as detail,
    from landed
    where row_number not in (select position from cells)
)

select * from listed
union all by name
select * from volumes
union all by name
select * from figures
union all by name
select * from keyless
order by position, place
