select
    service_id,
    channel,
    cast(valid_from as date) as valid_from,
    cast(valid_to as date) as valid_to,
    expectation,
    basis,
    cast(authoritative_from as date) as authoritative_from,
    source,
    {{ is_simulated() }} as is_simulated
from {{ ref('service_channels') }}
order by service_id, channel, valid_from
