select
    md5(concat_ws('|', event_source, event_id)) as campaign_id,
    service_id,
    department_id,
    campaign_kind,
    started_on,
    ended_on,
    known_at,
    restored_at as counts_from,
    set_aside_at as counts_to,
    {{ is_simulated() }} as is_simulated
from {{ ref('stg_events__campaign_ran') }}
order by started_on, campaign_id
