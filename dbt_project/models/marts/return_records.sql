{%- set return_source = "urn:takeup:mi-return:" %}
{%- set printed_department -%}
case
            when events.event_source like '{{ return_source }}%'
                then substring(events.event_source, {{ return_source | length + 1 }})
        end
{%- endset %}
{%- set period_names = ["service_id", "period_kind", "period_start", "period_end"] %}
{%- set period = period_names | join(", ") %}
{%- set period_columns = period | replace(", ", ",\n        ") %}
{%- set months = month_index("refused.period_end") ~ " - " ~ month_index("refused.period_start") %}

with

department_names as (
    select * from {{ ref('int_department_names') }}
),

volumes as (
    select
        events.*,
        coalesce(department_names.department_id, {{ printed_department }}) as department_id
    from {{ ref('stg_events__volume_reported') }} as events
    left join department_names
        on {{ body_name_key(printed_department) }} = department_names.name_key
    where events.event_source like '{{ return_source }}%'
),

sign_offs as (
    select
        events.*,
        coalesce(department_names.department_id, {{ printed_department }}) as department_id
    from {{ ref('stg_events__return_signed_off') }} as events
    left join department_names
        on {{ body_name_key(printed_department) }} = department_names.name_key
),

-- Every row of a return says the same day on which it was sent: what was taken of a file dates
-- what was refused of it.
moments_of_files as (
    select
        content_hash,
        max(known_at) as submitted_at
    from (
        select
            content_hash,
            known_at
        from volumes
        union all
        select
            content_hash,
            known_at
        from sign_offs
    ) as taken
    group by content_hash
),

-- What was refused of a file is set aside with it.
files_set_aside as (
    select
        target_hash,
        cast(null as {{ moment_type() }}) as restored_at,
        min(set_aside_at) as set_aside_at
    from {{ ref('int_set_aside_targets') }}
    where target_hash is not null
    group by target_hash
    union all
    select
        target_hash,
        restored_at,
        set_aside_again_at as set_aside_at
    from {{ ref('int_set_aside_targets') }}
    where target_hash is not null and restored_at is not null
),

refused as (
    select
        refused.*,
        coalesce(department_names.department_id, {{ slug('refused.department_id') }}) as returned_by,
        moments_of_files.submitted_at,
        files_set_aside.restored_at,
        files_set_aside.set_aside_at
    from {{ ref('stg_log__refused_returns') }} as refused
    inner join {{ ref('services') }} as services
        on refused.service_id = services.service_id
    left join department_names
        on {{ body_name_key('refused.department_id') }} = department_names.name_key
    left join moments_of_files
        on refused.content_hash = moments_of_files.content_hash
    left join files_set_aside
        on refused.content_hash = files_set_aside.target_hash
    -- A row may be refused because its period is none: then it is a row of no return.
    where
        refused.period_kind in ('day', 'week', 'month', 'quarter', 'financial_year', 'year')
        and refused.period_end <= {{ london_date('refused.recorded_at') }}
        and year(refused.period_start) >= 1900
        and case refused.period_kind
            when 'day' then refused.period_end = refused.period_start
            when 'week' then {{ days_between('refused.period_start', 'refused.period_end') }} = 6
            else
                day(refused.period_start) = 1
                and day({{ day_after('refused.period_end') }}) = 1
                and {{ months }} = case refused.period_kind when 'month' then 0 when 'quarter' then 2 else 11 end
                and (refused.period_kind <> 'quarter' or month(refused.period_start) in (1, 4, 7, 10))
                and (refused.period_kind <> 'financial_year' or month(refused.period_start) = 4)
        end
),

-- A count that was refused and then sent again, as of the same day, is refused no longer.
counts_since as (
    select distinct
        {{ period_columns }},
        breakdown,
        measure,
        known_at as submitted_at
    from volumes
),

figures as (
    select
        {{ period_columns }},
        department_id,
        known_at as submitted_at,
        recorded_at,
        due_on,
        restored_at,
        set_aside_at,
        1 as accepted,
        0 as refused
    from volumes
    union all
    select
        refused.service_id,
        refused.period_kind,
        refused.period_start,
        refused.period_end,
        refused.returned_by as department_id,
        refused.submitted_at,
        refused.recorded_at,
        refused.due_on,
        refused.restored_at,
        refused.set_aside_at,
        0 as accepted,
        case when refused.place = 'count' and counts_since.service_id is null then 1 else 0 end as refused
    from refused
    left join counts_since
        on
            refused.service_id = counts_since.service_id
            and refused.period_kind = counts_since.period_kind
            and refused.period_start = counts_since.period_start
            and refused.breakdown = counts_since.breakdown
            and refused.measure = counts_since.measure
            and refused.submitted_at = counts_since.submitted_at
),

counting as (
    {{ counting_rows_sql('figures', period_names) | indent(4) }}
),

submissions as (
    select
        {{ period_columns }},
        max(department_id) as department_id,
        submitted_at,
        min(recorded_at) as recorded_at,
        max(due_on) as due_on,
        sum(accepted) as accepted_count,
        sum(refused) as refused_count,
        counts_from,
        counts_to
    from counting
    group by {{ period }}, submitted_at, counts_from, counts_to
),

records as (
    select
        {{ period_columns }},
        department_id,
        coalesce(submitted_at, recorded_at) as known_from,
        submitted_at,
        recorded_at,
        due_on,
        accepted_count,
        refused_count,
        counts_from,
        counts_to,
        cast(null as {{ dbt.type_string() }}) as sign_off_id,
        cast(null as {{ dbt.type_string() }}) as submitted_by_role,
        cast(null as {{ dbt.type_string() }}) as signed_off_by_role,
        cast(null as {{ moment_type() }}) as signed_off_at,
        cast(null as {{ dbt.type_string() }}) as assurance,
        cast(null as {{ dbt.type_string() }}) as commentary
    from submissions
    union all
    select
        {{ period_columns }},
        department_id,
        -- A return may be sent before it is signed off, and say the day to come.
        greatest(known_at, signed_off_at) as known_from,
        known_at as submitted_at,
        recorded_at,
        due_on,
        0 as accepted_count,
        0 as refused_count,
        restored_at as counts_from,
        set_aside_at as counts_to,
        md5(concat_ws('|', event_source, event_id)) as sign_off_id,
        submitted_by_role,
        signed_off_by_role,
        signed_off_at,
        assurance,
        commentary
    from sign_offs
)

select
    service_id,
    period_kind,
    period_start,
    period_end,
    department_id,
    known_from,
    submitted_at,
    recorded_at,
    due_on,
    cast(accepted_count as bigint) as accepted_count,
    cast(refused_count as bigint) as refused_count,
    sign_off_id,
    submitted_by_role,
    signed_off_by_role,
    signed_off_at,
    assurance,
    commentary,
    counts_from,
    counts_to,
    {{ is_simulated() }} as is_simulated
from records
order by service_id, period_kind, period_start, known_from, sign_off_id
