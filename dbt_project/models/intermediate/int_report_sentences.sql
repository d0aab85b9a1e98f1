{{ config(schema='as_of') }}
{#- What sentences of reports promise and report, for those who ask at any moment. -#}
select
    event_source,
    event_id,
    sentence,
    part,
    line,
    passage,
    says,
    sentence_text,
    service_id,
    is_checkable,
    due_on,
    due_text,
    place,
    partners,
    since,
    until
from {{ ref('stg_events__statement_sentences') }}
