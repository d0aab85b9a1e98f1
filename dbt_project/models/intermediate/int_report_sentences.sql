{{ config(schema='as_of') }}
{#- What sentences of reports promise and report, for those who ask at any moment. A partner that a
    sentence prints under two names is told once. -#}
with

sentences as (
    select * from {{ ref('stg_events__statement_sentences') }}
),

partners as (
    select * from {{ ref('partners') }}
),

named as (
    select distinct
        sentences.event_source,
        sentences.event_id,
        sentences.sentence,
        sentences.part,
        partners.known_as
    from sentences
    inner join partners
        on concat('; ', sentences.partners, '; ') like concat('%; ', partners.partner, '; %')
),

told as (
    select
        event_source,
        event_id,
        sentence,
        part,
        {{ joined_texts('known_as', '; ') }} as partners
    from named
    group by event_source, event_id, sentence, part
)

select
    sentences.event_source,
    sentences.event_id,
    sentences.sentence,
    sentences.part,
    sentences.line,
    sentences.passage,
    sentences.says,
    sentences.sentence_text,
    sentences.service_id,
    sentences.is_checkable,
    sentences.due_on,
    sentences.due_text,
    sentences.place,
    told.partners,
    sentences.since,
    sentences.until
from sentences
left join told
    on
        sentences.event_source = told.event_source
        and sentences.event_id = told.event_id
        and sentences.sentence = told.sentence
        and sentences.part = told.part
