{#- What later sections of the same body say of a promise, as known at a moment: one row per promise and
    sentence that shares a word of substance, or the verb, with it.

    A later section is one on progress of the promise's year or after, or a plan of a year after. It
    speaks of the promise where it shares half of the promise's words of substance, the service counting
    as one, and two of them or two that stand side by side, and names what the promise names: each of
    several, its place, its rank, that it is all. That it was done, or is planned again, it says where the
    verb too is the promise's, or one that reports it, and its numbers are there; what is planned once
    more may have been done before. Anything else only mentions the promise; in another report of the
    body that is nothing.
-#}
{%- set once_more -%}
    '(?i)\b(again|another|second|third|further|more|next|annual|annually|yearly|every year|repeat|repeated)\b'
{%- endset %}
with

promises as (
    select * from {{ known('int_promises_made') }}
    where is_checkable
),

sentences as (
    select * from {{ known('int_promise_sentences') }}
    where
        (section_kind = 'progress' and part = 0)
        or (section_kind = 'plan' and says = 'promise')
),

words as (
    select * from {{ stored('int_report_words') }}
),

promised_words as (
    select
        promises.promise_id,
        promises.report,
        promises.department_id,
        promises.event_source,
        promises.event_id,
        promises.section_kind,
        promises.section_year,
        promises.reviewed_until,
        promises.due_on,
        promises.service_id,
        words.word_kind,
        words.word,
        sum(case when words.word_kind = 'term' then 1 else 0 end) over (
            partition by promises.promise_id, promises.report
        ) as terms_count,
        sum(case when words.word_kind = 'number' then 1 else 0 end) over (
            partition by promises.promise_id, promises.report
        ) as numbers_count,
        sum(case when words.word_kind = 'name' then 1 else 0 end) over (
            partition by promises.promise_id, promises.report
        ) as names_count,
        sum(case when words.word_kind = 'about' then 1 else 0 end) over (
            partition by promises.promise_id, promises.report
        ) as about_count
    from promises
    inner join words
        on
            promises.event_source = words.event_source
            and promises.event_id = words.event_id
            and promises.sentence = words.sentence
            and promises.part = words.part
),

later_words as (
    select
        sentences.*,
        words.word_kind,
        words.word,
        sum(case when words.word_kind = 'about' then 1 else 0 end) over (
            partition by sentences.event_source, sentences.event_id, sentences.sentence, sentences.part
        ) as later_about_count,
        sum(case when words.word_kind = 'number' then 1 else 0 end) over (
            partition by sentences.event_source, sentences.event_id, sentences.sentence, sentences.part
        ) as later_numbers_count
    from sentences
    inner join words
        on
            sentences.event_source = words.event_source
            and sentences.event_id = words.event_id
            and sentences.sentence = words.sentence
            and sentences.part = words.part
),

shared as (
    select
        promised_words.promise_id,
        later_words.document,
        later_words.event_source,
        later_words.event_id,
        later_words.line,
        later_words.section_kind,
        later_words.section_year,
        later_words.sentence,
        later_words.part,
        later_words.says,
        later_words.since,
        later_words.until,
        max(promised_words.due_on) as due_on,
        max(promised_words.terms_count) as terms_count,
        max(promised_words.numbers_count) = sum(case when later_words.word_kind = 'number' then 1 else 0 end)
            as has_its_numbers,
        -- Beside the promised number another may be that of what was done: three, and five are promised.
        max(promised_words.numbers_count) > 0
        and max(later_words.later_numbers_count) > max(promised_words.numbers_count) as has_other_numbers,
        max(promised_words.names_count) = sum(case when later_words.word_kind = 'name' then 1 else 0 end)
            as has_its_names,
        -- A list for clinics is not a list for dentists: each is of or for something that the other isn't.
        max(promised_words.about_count) > sum(case when later_words.word_kind = 'about' then 1 else 0 end)
        and max(later_words.later_about_count) > sum(case when later_words.word_kind = 'about' then 1 else 0 end)
            as is_of_another,
        regexp_matches(coalesce(later_words.sentence_text, ''), {{ once_more }}) as is_once_more,
        -- What people judged is not judged again: only later years are held against it.
        bool_and(
            promised_words.reviewed_until is null
            or later_words.section_year > promised_words.reviewed_until
            + case when later_words.section_kind = 'plan' then 1 else 0 end
        ) as is_new,
        sum(case when later_words.word_kind = 'term' then 1 else 0 end) as shared_count,
        max(case when later_words.word_kind = 'pair' then 1 else 0 end) as pair_count,
        max(case when later_words.word_kind = 'verb' then 1 else 0 end) = 1 as is_same_verb,
        bool_or(promised_words.report = later_words.report) as is_same_report,
        max(case when later_words.service_id = promised_words.service_id then 1 else 0 end) as service_count
    from promised_words
    inner join later_words
        on
            promised_words.department_id = later_words.department_id
            and promised_words.word_kind = later_words.word_kind
            and promised_words.word = later_words.word
            and (
                promised_words.section_year < later_words.section_year
                or (
                    promised_words.section_year = later_words.section_year
                    and later_words.section_kind = 'progress'
                    and promised_words.section_kind <> 'progress'
                )
            )
    group by
        promised_words.promise_id,
        later_words.document,
        later_words.event_source,
        later_words.event_id,
        later_words.line,
        later_words.section_kind,
        later_words.section_year,
        later_words.sentence,
        later_words.part,
        later_words.says,
        later_words.since,
        later_words.until,
        later_words.sentence_text
),

weighed as (
    select
        *,
        shared_count + service_count + pair_count >= 2
        and 2 * (shared_count + service_count) >= terms_count as is_near,
        has_its_names and not is_of_another and is_near as is_on_topic
    from shared
    -- `It went live` may be of anything.
    where is_new and (shared_count > 0 or (is_same_verb and section_kind = 'progress'))
)

select
    promise_id,
    document,
    event_source,
    event_id,
    line,
    section_kind,
    section_year,
    sentence,
    part,
    since,
    until,
    case
        when
            says = 'promise'
            and is_on_topic
            and is_same_verb
            and section_year > extract(year from due_on)
            and not is_once_more
            then 'planned_again'
        when
            says = 'done'
            and is_on_topic
            and is_same_verb
            and has_its_numbers
            and not has_other_numbers
            then 'done'
        when says in ('replaced', 'partly', 'not_done', 'delayed', 'under_way') and is_on_topic then says
        when says = 'done' and is_near and is_same_verb then 'perhaps_done'
        else 'mentioned'
    end as word
from weighed
where is_on_topic or (is_same_report and (section_kind = 'progress' or is_same_verb))
