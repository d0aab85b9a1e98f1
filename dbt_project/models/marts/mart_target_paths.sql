select
    target_id,
    cast(period_end as date) as period_end,
    cast(planned_ratio as double) as planned_ratio,
    source,
    {{ is_simulated() }} as is_simulated
from {{ ref('target_paths') }}
