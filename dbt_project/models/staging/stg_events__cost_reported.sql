with

source as (
    select
        *,
        {{ json_record('data', {
            'service_id': 'varchar',
            'breakdown': 'varchar',
            'period': {'kind': 'varchar', 'start': 'date', 'end': 'date'},
            'amount': 'double',
            'kind': 'varchar',
        }) }} as body
    from {{ log_records('event') }} as records
    where type = 'uk.gov.takeup.cost.reported.v1'
),

renamed as (
    select
        source as event_source,
        id as event_id,
        coalesce(service_id, body.service_id) as service_id,
        body.breakdown as breakdown,
        body.kind as cost_kind,
        body.period.start as period_start,
        body.period.end as period_end,
        body.amount as amount_gbp,
        coalesce(published_at, recorded_at) as known_at,
        recorded_at,
        file_hash as content_hash,
        position,
        commit_version
    from source
)

select * from renamed
