{% set fields = {
    'sentence': 'bigint', 'part': 'bigint', 'line': 'bigint', 'passage': 'varchar', 'says': 'varchar',
    'text': 'varchar', 'terms': 'varchar', 'verbs': 'varchar', 'service_id': 'varchar',
    'is_checkable': 'boolean', 'due_on': 'date', 'due_text': 'varchar', 'place': 'varchar',
    'partners': 'varchar', 'since': 'date', 'until': 'date',
} -%}
with

statements as (
    -- An event that was set aside and came back has a row for each stretch.
    select distinct
        event_source,
        event_id,
        sentences
    from {{ ref('stg_events__statement_published') }}
),

told as (
    select
        event_source,
        event_id,
        {{ explode_records('sentences', fields) }} as said
    from statements
)

select
    event_source,
    event_id,
    said.sentence,
    said.part,
    said.line,
    said.passage,
    said.says,
    said.text as sentence_text,
    said.terms,
    said.verbs,
    said.service_id,
    said.is_checkable,
    said.due_on,
    said.due_text,
    said.place,
    said.partners,
    said.since,
    said.until
from told
