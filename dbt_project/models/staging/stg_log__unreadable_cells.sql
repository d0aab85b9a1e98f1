{#- A cell that somebody meant a number by, in a publication (where its row lists the service), a
    return or a record: what was known of the figure stays. -#}
with

quarantine as (
    {{ open_quarantine() }}
),

texts as (
    select
        *,
        {{ json_of_bytes('raw') }} as record_text
    from quarantine
    where reason = 'unreadable_cell'
),

parsed as (
    select
        *,
        {{ json_record('record_text', {
            'service_id': 'varchar',
            'data': {'service_id': 'varchar'},
        }) }} as record
    from texts
),

listings as (
    select distinct
        content_hash,
        position,
        service_id,
        known_at
    from {{ ref('stg_events__service_listed') }}
),

renamed as (
    select
        parsed.content_hash,
        parsed.position,
        parsed.place,
        parsed.detail,
        coalesce(
            listings.service_id, trim(parsed.record.service_id), parsed.record.data.service_id
        ) as service_id,
        coalesce(listings.known_at, parsed.recorded_at) as known_at,
        parsed.recorded_at,
        parsed.commit_version
    from parsed
    left join listings
        on
            parsed.content_hash = listings.content_hash
            and parsed.position = listings.position
)

select * from renamed
