{{ config(schema='as_of') }}
{#- The words by which a sentence of a report is known to speak of what another one promises. -#}
with

sentences as (
    select * from {{ ref('stg_events__statement_sentences') }}
),

terms as (
    select
        event_source,
        event_id,
        sentence,
        part,
        'term' as word_kind,
        {{ explode_texts('terms') }} as word
    from sentences
),

verbs as (
    select
        event_source,
        event_id,
        sentence,
        part,
        'verb' as word_kind,
        {{ explode_texts('verbs') }} as word
    from sentences
)

select
    event_source,
    event_id,
    sentence,
    part,
    -- Words that stand side by side in the text tell more than each for itself.
    case
        when word like '%+%' then 'pair'
        when word like '#%' then 'number'
        when word like '@%' then 'name'
        when word like '>%' then 'about'
        else word_kind
    end as word_kind,
    word
from terms
union all
select * from verbs
