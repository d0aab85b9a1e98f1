{#- Take-up as it counts towards a body of services (government, department, organisation).

    One row per service, period and definition: a service counts under each definition once.
    Transactions count where the register says so; what was reported counts also where
    transactions have taken its place under another definition, for it is all that there is under
    its own. The counts are null where the row has no ratio. `take_up` is a relation of take-up
    rows.
-#}
{% macro counted_take_up_sql(take_up) %}
with

ranked as (
    select
        *,
        row_number() over (
            partition by service_id, period_kind, period_start, period_end, definition_id
            order by case when is_authoritative then 0 else 1 end
        ) as precedence
    from {{ take_up }}
    where measure = 'completed' and (is_authoritative or basis = 'reported')
)

select
    service_id,
    period_kind,
    period_start,
    period_end,
    definition_id,
    case when value_status = 'complete' then digital_count end as digital_count,
    case when value_status = 'complete' then total_count end as total_count
from ranked
where precedence = 1
{% endmacro %}
