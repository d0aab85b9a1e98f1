{#- A staging model of one type of event, one row per event: its identity, the columns that the model
    names in the body of the call, each with a comma after it, and where it comes from. They are
    expressions over the log's columns and `body`, the event's data as its JSON Schema types it.

    An event counts from `known_at`, or from `restored_at` where it was set aside and restored, until
    `set_aside_at`: one that was restored has a row for each stretch, one that came while it was set
    aside has none. -#}
{% macro staged_events(type) -%}
with

source as (
    select
        *,
        {{ json_record('data', event_fields(type)) }} as body
    from {{ log_records('event', types=[type]) }} as records
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
),

counting as (
    select
        renamed.*,
        spans.restored_at,
        spans.set_aside_at
    from renamed
    left join {{ ref('int_set_aside_spans') }} as spans
        on
            renamed.event_source = spans.event_source
            and renamed.event_id = spans.event_id
    where spans.set_aside_at is null or spans.set_aside_at > coalesce(spans.restored_at, renamed.known_at)
)

select * from counting
{%- endmacro %}
