with

source as (
    select
        *,
        {{ json_record('data', {
            'service_id': 'varchar',
            'breakdown': 'varchar',
            'measure': 'varchar',
            'period': {'kind': 'varchar', 'start': 'date', 'end': 'date'},
            'count': 'bigint',
            'text': 'varchar',
            'due_on': 'date',
        }) }} as body
    from {{ log_records('event') }} as records
    where type = 'uk.gov.takeup.volume.reported.v1'
),

renamed as (
    select
        source as event_source,
        id as event_id,
        coalesce(service_id, body.service_id) as service_id,
        body.breakdown as breakdown,
        body.measure as measure,
        body.period.kind as period_kind,
        body.period.start as period_start,
        body.period.end as period_end,
        body.count as transactions_count,
        body.text as cell_text,
        body.due_on as due_on,
        coalesce(published_at, recorded_at) as known_at,
        recorded_at,
        file_hash as content_hash,
        position,
        place,
        commit_version
    from source
)

select * from renamed
