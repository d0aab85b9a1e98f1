{#- A record of a return that was refused is kept as the row that it comes from: a JSON object of
    its cells. A row of another width, or one that was cut, is not such an object, and says nothing of
    a service. -#}
with

quarantine as (
    {{ open_quarantine() }}
),

returns as (
    select distinct content_hash
    from {{ ref('stg_log__files') }}
    where source_kind = 'mi_returns'
),

texts as (
    select
        quarantine.content_hash,
        quarantine.position,
        quarantine.place,
        quarantine.reason,
        quarantine.recorded_at,
        quarantine.commit_version,
        {{ json_of_bytes('quarantine.raw') }} as row_text
    from quarantine
    inner join returns
        on quarantine.content_hash = returns.content_hash
    where quarantine.place in ('count', 'cost_gbp', 'signed_off_by_role')
),

parsed as (
    select
        *,
        {{ json_record('row_text', {
            'department_id': 'varchar',
            'service_id': 'varchar',
            'period_kind': 'varchar',
            'period_start': 'varchar',
            'period_end': 'varchar',
            'breakdown': 'varchar',
            'measure': 'varchar',
            'due_on': 'varchar',
        }) }} as cells
    from texts
),

renamed as (
    select
        content_hash,
        position,
        place,
        reason,
        trim(cells.department_id) as department_id,
        trim(cells.service_id) as service_id,
        lower(trim(cells.period_kind)) as period_kind,
        {{ day_as_written('cells.period_start') }} as period_start,
        {{ day_as_written('cells.period_end') }} as period_end,
        trim(cells.breakdown) as breakdown,
        trim(cells.measure) as measure,
        {{ day_as_written('cells.due_on') }} as due_on,
        recorded_at,
        commit_version
    from parsed
)

select * from renamed
