-- A figure as the publication states it: a claim, with the heading under which it is found.
select
    * exclude (place),
    publication as place,
    false as is_digest,
    'figure.published' as kind,
    escaped(service_id || '/' || metric || '/' || period_start
        || case when period_kind = 'rolling_year' then '' else '/' || period_kind end) as key,
    figure_data(
        escaped(metric), escaped(service_id),
        json_object('kind', period_kind, 'start', period_start, 'end', period_end),
        decimal_value(unmarked("value")), escaped(unit), escaped("value"), escaped(document),
        escaped(coalesce(nullif(place, ''), metric))
    ) as body,
from spanned
