{#- Each complete period of a target's own kind and definition beside the target. One of a service is
    measured on `take_up`, one of a department on `department_take_up` (the structure as at the
    period, all services) where enough of it is measured to be quoted.
-#}
with

register as (
    select * from {{ stored('mart_targets') }}
),

-- A target names its definition: where both bases are under it, the authoritative one is measured.
service_take_up as (
    select
        *,
        row_number() over (
            partition by service_id, period_kind, period_start, period_end, definition_id
            order by case when is_authoritative then 0 else 1 end
        ) as precedence
    from {{ known('take_up') }}
    where measure = 'completed'
),

measured as (
    select
        register.target_id,
        service_take_up.period_start,
        service_take_up.period_end,
        service_take_up.take_up_ratio as measured_ratio
    from register
    inner join service_take_up
        on
            register.service_id = service_take_up.service_id
            and register.period_kind = service_take_up.period_kind
            and register.definition_id = service_take_up.definition_id
    where
        register.metric = 'digital_take_up'
        and service_take_up.precedence = 1
        and service_take_up.value_status = 'complete'
    union all
    select
        register.target_id,
        department_take_up.period_start,
        department_take_up.period_end,
        department_take_up.take_up_ratio as measured_ratio
    from register
    inner join {{ known('department_take_up') }} as department_take_up
        on
            register.department_id = department_take_up.department_id
            and register.period_kind = department_take_up.period_kind
            and register.definition_id = department_take_up.definition_id
    where
        register.metric = 'digital_take_up'
        and register.service_id is null
        and department_take_up.level = 'department'
        and department_take_up.structure = 'as_at_period'
        and department_take_up.scope = 'all'
        and department_take_up.coverage_status <> 'too_incomplete'
        and department_take_up.take_up_ratio is not null
),

compared as (
    select
        measured.target_id,
        measured.period_start,
        measured.period_end,
        measured.measured_ratio,
        case when register.set_on is null or measured.period_end >= register.set_on then 1 else 0 end as counts,
        -- Unrounded on both sides: what is shown as 80.0% may be below 80%.
        case when measured.measured_ratio >= register.target_ratio then 1 else 0 end as is_above
    from measured
    inner join register
        on measured.target_id = register.target_id
)

select * from compared
