{#- A staging model of one type of event, one row per event: its identity, the columns that the model
    names in the body of the call, each with a comma after it, and where it comes from. They are
    expressions over the log's columns and `body`, the event's data as its JSON Schema types it. -#}
{% macro staged_events(type) -%}
with

source as (
    select
        *,
        {{ json_record('data', event_fields(type)) }} as body
    from {{ log_records('event') }} as records
    where type = {{ text_literal(type) }}
),

renamed as (
    select
        source as event_source,
        id as event_id,
        {{ caller() | indent(4) | trim }}
        coalesce(published_at, recorded_at) as known_at,
        recorded_at,
        file_hash as content_hash,
        position,
        commit_version
    from source
)

select * from renamed
{%- endmacro %}
