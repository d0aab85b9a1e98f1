{#- Who has not returned: the services that a quarter lacks.

    One row per quarter and active flow service that is measured under none of its definitions. Where
    it stands under several, what most is known of counts: a total before none.
-#}
with

quarters as (
    select
        *,
        max(is_measured) over (partition by service_id, unit_index) as is_measured_somehow,
        row_number() over (
            partition by service_id, unit_index
            order by
                case unit_status
                    when 'without_digital' then 1
                    when 'not_returned' then 2
                    when 'lapsed' then 3
                    else 4
                end,
                definition_id
        ) as precedence
    from {{ known('int_service_units') }}
    where level = 'quarter'
)

select
    departments.department_id,
    quarters.period_start,
    quarters.period_end,
    quarters.service_id,
    quarters.unit_status as status,
    quarters.definition_id,
    cast(quarters.last_total_count as bigint) as last_total_count,
    case
        when quarters.last_total_unit is not null then {{ quarter_end('quarters.last_total_unit') }}
    end as last_period_end,
    cast(quarters.unmeasured_count as bigint) as assumed_count,
    {{ is_simulated() }} as is_simulated
from quarters
inner join {{ known('int_service_departments') }} as departments
    on
        quarters.service_id = departments.service_id
        and departments.structure = 'current'
where quarters.precedence = 1 and quarters.is_measured_somehow = 0
order by departments.department_id, quarters.period_end, quarters.service_id
