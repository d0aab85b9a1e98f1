-- A volume, or that there is none. A quarter's completed transactions need no more to be told from
-- another than the publication gives them: see `published_volumes.sql`.
select
    *,
    null as place,
    false as is_digest,
    'volume.reported' as kind,
    escaped(service_id || '/' || breakdown || '/' || period_start
        || case when period_kind = 'quarter' then '' else '/' || period_kind end
        || case when measure = 'completed' then '' else '/' || measure end) as key,
    volume_data(
        escaped(service_id), escaped(breakdown), escaped(measure),
        json_object('kind', period_kind, 'start', period_start, 'end', period_end),
        cell_count, escaped(coalesce(nullif(status, ''), 'not_provided')), escaped(cell_text),
        cell_marker
    ) as body,
from spanned
