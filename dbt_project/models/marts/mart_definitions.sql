select
    definition_id,
    definition_name,
    cast(valid_from as date) as valid_from,
    cast(valid_to as date) as valid_to,
    cast(coalesce(are_dates_estimated, false) as boolean) as are_dates_estimated,
    cast(coalesce(is_default_eligible, false) as boolean) as is_default_eligible,
    applies_to_basis,
    service_id,
    reading,
    source,
    note,
    {{ is_simulated() }} as is_simulated
from {{ ref('definitions') }}
order by definition_id
