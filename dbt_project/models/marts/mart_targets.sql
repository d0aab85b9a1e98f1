select
    target_id,
    service_id,
    department_id,
    metric,
    cast(target_ratio as double) as target_ratio,
    cast(set_on as date) as set_on,
    cast(due_on as date) as due_on,
    period_kind,
    definition_id,
    scope,
    cast(baseline_ratio as double) as baseline_ratio,
    source,
    note,
    {{ is_simulated() }} as is_simulated
from {{ ref('targets') }}
