{#- What reports say of each promise, word by word, as known at a moment: one row per promise of which a
    later section speaks, with the first sentence that says each word.
-#}
{%- set said = ['done', 'replaced', 'partly', 'not_done', 'delayed', 'planned_again'] -%}
with

evidence as (
    select
        *,
        concat(document, ' line ', cast(line as {{ dbt.type_string() }})) as citation,
        row_number() over (
            partition by promise_id, word
            order by section_year, document, line, sentence, part
        ) as word_number,
        row_number() over (
            partition by promise_id, word in ('done', 'partly', 'under_way', 'delayed')
            order by section_year desc, document desc, line desc, sentence desc
        ) as latest_number,
        max(case when word in ('replaced', 'partly', 'not_done', 'delayed') then 1 else 0 end) over (
            partition by promise_id, section_year
        ) = 1 as is_said_otherwise
    from {{ known('int_promise_evidence') }}
)

select
    promise_id,
    {% for word in said -%}
        max(case when word = '{{ word }}' and word_number = 1 then section_year end) as {{ word }}_year,
        max(case when word = '{{ word }}' and word_number = 1 then citation end) as {{ word }}_citation,
    {% endfor -%}
    max(case when word = 'done' and word_number = 1 then since end) as done_since,
    max(case when word = 'done' and word_number = 1 then until end) as done_until,
    max(case when word = 'done' and word_number = 1 and is_said_otherwise then 1 else 0 end) = 1 as is_contradicted,
    max(case when word = 'planned_again' and word_number = 1 then {{ sentence_key() }} end) as planned_again_key,
    max(case when word = 'perhaps_done' then section_year end) as perhaps_done_year,
    max(section_year) as mentioned_year,
    max(
        case when latest_number = 1 and word in ('done', 'partly', 'under_way', 'delayed') then word end
    ) as latest_word
from evidence
group by promise_id
