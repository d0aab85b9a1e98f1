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

named as (
    select
        content_hash,
        position,
        place,
        detail,
        coalesce(trim(record.service_id), record.data.service_id) as own_service_id,
        recorded_at,
        commit_version
    from parsed
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
        named.content_hash,
        named.position,
        named.place,
        named.detail,
        coalesce(listings.service_id, named.own_service_id) as service_id,
        coalesce(listings.known_at, named.recorded_at) as known_at,
        named.recorded_at,
        named.commit_version
    from named
    left join listings
        on
            named.content_hash = listings.content_hash
            and named.position = listings.position
)

select * from renamed
