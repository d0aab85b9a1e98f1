{#- What reports promise, as known at a moment: one row per promise and report that prints it.

    A sentence that people reviewed is what they made of it, in every version that prints the same
    words; any other is what the rules read. Where sentences were not read the reviews of that
    document stand in, and for a document without departments they are all there is. What a
    department prints in two reports is one promise: `is_first` marks the one that it is shown under.
-#}
{%- set places = [
    'report', 'document', 'action', 'department_id', 'section', 'section_kind', 'section_year', 'event_source',
    'event_id', 'is_from_digest', 'known_from', 'sentence',
] -%}
{%- set made = [
    'body', 'promise', 'due_on', 'due_text', 'place', 'partners', 'service_id', 'target_id', 'target_figure_id',
] -%}
{%- set found = ['outcome_figure_id', 'reported', 'reported_by', 'progress', 'reviewed_until', 'reason'] -%}
{%- set judged = made + found -%}
{%- set found_by_then = [] -%}
{%- for column in found -%}
    {%- do found_by_then.append('case when is_found then ' ~ column ~ ' end as ' ~ column) -%}
{%- endfor -%}
{%- set text = dbt.type_string() -%}
with

sentences as (
    select * from {{ known('int_promise_sentences') }}
),

versions as (
    select * from {{ known('int_report_versions') }}
),

latest_versions as (
    select
        report,
        max(document) as document
    from versions
    group by report
),

dated_reviews as (
    select
        reviews.*, -- noqa: AM04
        -- What became of a promise people found in the version that they read: before it nobody knew.
        reviews.reported in ('no_test', 'not_applicable')
        or coalesce(latest_versions.document >= reviews.document, false) as is_found
    from {{ stored('int_promise_reviews') }} as reviews
    left join latest_versions on reviews.report = latest_versions.report
),

reviews as (
    select
        promise_id,
        report,
        document,
        department_id,
        section,
        part,
        line,
        passage,
        {{ made | join(',\n        ') }},
        {{ found_by_then | join(',\n        ') }},
        reported <> 'no_test' as is_checkable
    from dated_reviews
),

-- What the rules read has words by which a report of it is known.
worded as (
    select distinct
        event_source,
        event_id,
        sentence,
        part
    from sentences
    where says = 'promise'
),

-- The review of a report goes before that of another one that prints the same words.
matched as (
    select
        {{ columns_of('sentences', places) }},
        case when sentences.part is null then reviews.line else sentences.line end as line,
        reviews.passage,
        {{ columns_of('reviews', judged) }},
        reviews.part,
        reviews.promise_id,
        reviews.is_checkable,
        row_number() over (
            partition by
                sentences.report, sentences.section, sentences.event_id, sentences.sentence,
                reviews.passage, reviews.part
            order by case when sentences.report = reviews.report then 0 else 1 end, reviews.promise_id
        ) as review_number
    from sentences
    inner join reviews
        on
            sentences.section = reviews.section
            and (
                (sentences.part = 0 and sentences.passage = reviews.passage)
                or (sentences.part is null and sentences.document = reviews.document)
            )
),

reviewed as (
    select
        {{ columns_of('matched', places + ['part'] + judged) }},
        matched.line,
        matched.passage,
        matched.promise_id,
        true as is_reviewed,
        matched.is_checkable,
        worded.part is not null as is_worded
    from matched
    left join worded
        on
            matched.event_source = worded.event_source
            and matched.event_id = worded.event_id
            and matched.sentence = worded.sentence
            and matched.part = worded.part
    where matched.review_number = 1
),

read_by_rule as (
    select
        {{ columns_of('sentences', places) }},
        greatest(sentences.part, 1) as part,
        cast(null as {{ text }}) as body,
        sentences.sentence_text as promise,
        sentences.due_on,
        sentences.due_text,
        sentences.place,
        sentences.partners,
        sentences.service_id,
        cast(null as {{ text }}) as target_id,
        cast(null as {{ text }}) as target_figure_id,
        cast(null as {{ text }}) as outcome_figure_id,
        case when sentences.says = 'not_applicable' then 'not_applicable' end as reported,
        cast(null as {{ text }}) as reported_by,
        cast(null as {{ text }}) as progress,
        cast(null as bigint) as reviewed_until,
        cast(null as {{ text }}) as reason,
        sentences.line,
        sentences.passage,
        cast(null as {{ text }}) as promise_id,
        false as is_reviewed,
        sentences.is_checkable,
        true as is_worded
    from sentences
    left join reviewed
        on
            sentences.event_source = reviewed.event_source
            and sentences.event_id = reviewed.event_id
            and sentences.sentence = reviewed.sentence
    where
        reviewed.promise is null
        and (
            sentences.says = 'promise'
            or (sentences.says = 'not_applicable' and sentences.section_kind <> 'progress')
        )
),

-- A document without departments has reviews only.
undivided as (
    select
        versions.report,
        versions.document,
        cast(null as bigint) as action,
        reviews.department_id,
        reviews.section,
        cast(null as {{ text }}) as section_kind,
        cast(null as bigint) as section_year,
        cast(null as {{ text }}) as event_source,
        cast(null as {{ text }}) as event_id,
        landed.document is null as is_from_digest,
        versions.known_from,
        cast(null as bigint) as sentence,
        reviews.part,
        {{ columns_of('reviews', judged) }},
        reviews.line,
        reviews.passage,
        reviews.promise_id,
        true as is_reviewed,
        reviews.is_checkable,
        false as is_worded
    from reviews
    inner join versions on reviews.document = versions.document
    left join {{ known('int_landed_documents') }} as landed on reviews.document = landed.document
    where
        reviews.passage is null
        and versions.is_taken
),

printed as (
    select * from reviewed
    union all
    select * from read_by_rule
    union all
    select * from undivided
),

keyed as (
    select
        *,
        case
            when passage is null then promise_id
            -- `This action` is another one in another report.
            when reported = 'not_applicable'
                then concat(report, '|', section, '|', passage, '|', cast(part as {{ text }}))
            else concat(department_id, '|', section, '|', passage, '|', cast(part as {{ text }}))
        end as promise_key,
        case
            when sentence is null or promise_id like concat(report, ':%') then promise_id
            else concat(
                report, ':', section, ':', passage,
                case when part > 1 then concat('.', cast(part as {{ text }})) else '' end
            )
        end as printed_id,
        concat(document, ' line ', cast(line as {{ text }})) as citation
    from printed
),

ordered as (
    select
        *,
        row_number() over (
            partition by promise_key
            order by is_reviewed desc, action asc, report asc, line asc, sentence asc, part asc, event_id asc
        ) as printing
    from keyed
),

promises as (
    select
        promise_key,
        max(case when printing = 1 then printed_id end) as promise_id,
        {{ joined_texts('citation', '; ') }} as citations
    from ordered
    group by promise_key
)

select
    promises.promise_id,
    promises.citations,
    {{ columns_of('ordered', places + ['part', 'line', 'passage'] + judged, 4) }},
    ordered.is_reviewed,
    ordered.is_checkable,
    ordered.is_worded,
    ordered.printing = 1 as is_first
from ordered
inner join promises on ordered.promise_key = promises.promise_key
