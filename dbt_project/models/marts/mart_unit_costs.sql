select
    channel,
    cast(cost_per_transaction_gbp as double) as cost_per_transaction_gbp,
    cast(valid_from as date) as valid_from,
    source,
    note,
    {{ is_simulated() }} as is_simulated
from {{ ref('unit_costs') }}
order by channel, valid_from
