-- Events of published volumes, the same whether they come from a publication or from tidy volumes.

create temp macro volume_event(source, moment, kind, key, body) as to_json({
    'specversion': '1.0',
    'id': moment || '/' || key,
    'source': source,
    'type': 'uk.gov.takeup.' || kind || '.v1',
    'time': moment,
    'datacontenttype': 'application/json',
    'publishedat': moment,
    'data': body
})::varchar;

create temp macro is_decimal_text(number) as
    regexp_matches(number, '^-?(\d+|\d{1,3}(,\d{3})+)(\.\d+)?%?$');

-- `status` is why there is no count, where there is none; `cell` then is what stands in its place.
create temp macro volume_data(
    service_id, breakdown, measure, period, cell_count, status, cell, marker
) as json_merge_patch('{}', json_object(
    'service_id', service_id, 'breakdown', breakdown, 'measure', measure,
    'period', period::json, 'count', cell_count,
    'status', case when cell_count is null then status end,
    'text', case when cell_count is null then nullif(cell, '') end,
    'marker', case when cell_count is not null then marker end
));

-- `number` is the cell without revised or provisional beside it, and says a number where it
-- `is_decimal`.
create temp macro figure_data(
    metric, service_id, period, cell, number, is_decimal, unit, document, place
) as
    case when is_decimal
        then json_object(
            'metric', metric, 'service_id', service_id, 'period', period::json,
            'value', replace(replace(number, ',', ''), '%', '')::double
                / case when ends_with(number, '%') then 100 else 1 end,
            'unit', unit, 'qualifier', 'exact', 'text', cell,
            'document', document, 'place', place
        )
        else json_object(
            'metric', metric, 'service_id', service_id, 'period', period::json,
            'unit', unit, 'qualifier', 'no_number', 'text', cell,
            'document', document, 'place', place
        )
    end;
