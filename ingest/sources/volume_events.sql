-- Events of published volumes, the same whether they come from a publication or from tidy volumes.
-- They are put together as text: an object of DuckDB's costs several times as much. So what is
-- said in them has to be `escaped` before, once for each text that there is. Members are in the
-- order of the schemas: by that validation knows a line as one of ours.

create temp macro escaped(said) as
    case when regexp_matches(said, '["\\\x00-\x1f]') then (to_json(said)::varchar)[2:-2] else said end;

-- A member after others; null, which `concat` passes over, where nothing is said.
create temp macro member(name, said) as
    case when said is not null then concat(',"', name, '":"', said, '"') end;

create temp macro volume_event(source, moment, kind, key, body) as concat(
    '{"specversion":"1.0","id":"', moment, '/', key,
    '","source":"', source,
    '","type":"uk.gov.takeup.', kind, '.v1","time":"', moment,
    '","datacontenttype":"application/json","publishedat":"', moment,
    '","data":', body, '}'
);

create temp macro is_decimal_text(number) as
    regexp_matches(number, '^-?(\d+|\d{1,3}(,\d{3})+)(\.\d+)?%?$');

-- The number that a text says, as JSON; null where it says none.
create temp macro decimal_value(number) as
    case when is_decimal_text(number) then to_json(
        replace(replace(number, ',', ''), '%', '')::double
        / case when ends_with(number, '%') then 100 else 1 end
    )::varchar end;

-- `status` is why there is no count, where there is none; `cell` then is what stands in its place.
create temp macro volume_data(
    service_id, breakdown, measure, period, cell_count, status, cell, marker
) as concat(
    '{"service_id":"', service_id,
    '","breakdown":"', breakdown,
    '","measure":"', measure,
    '","period":', period,
    case when cell_count is not null
        then concat(',"count":', cell_count, member('marker', marker))
        else concat(',"status":"', status, '"', member('text', nullif(cell, '')))
    end,
    '}'
);

-- `value` is what the cell says as a number, null where it says none.
create temp macro figure_data(metric, service_id, period, value, unit, cell, document, place) as
    concat(
        '{"metric":"', metric,
        '","service_id":"', service_id,
        '","period":', period,
        case when value is not null then concat(',"value":', value) end,
        ',"unit":"', unit,
        '","qualifier":"', case when value is not null then 'exact' else 'no_number' end,
        '","text":"', cell,
        '","document":"', document,
        '","place":"', place,
        '"}'
    );
