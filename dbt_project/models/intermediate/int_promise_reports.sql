{#- What becomes of each promise by the rules, as known at a moment: one row per promise, with the figures
    that it states and is answered by. Of what people reviewed only later years are looked at.

    In order: a figure that answers the promise's own; a report that it is done, unless a sentence of the
    same year says otherwise; one that it was replaced, done in part, not done or put off, or is planned
    again after its day. Silence is told from words that decide nothing.
-#}
{%- set text = dbt.type_string() -%}
{%- set is_of_its_time = 'extract(year from words.done_since) >= promises.section_year' -%}
{%- set shown = [
    'promise_id', 'report', 'document', 'section', 'section_kind', 'section_year', 'line', 'citations', 'action',
    'department_id', 'body', 'promise', 'due_on', 'due_text', 'place', 'partners', 'service_id', 'target_id',
    'promised_figure_id', 'metric', 'promised_value', 'reported_figure_id', 'reported_value', 'unit', 'reported',
    'reported_by', 'progress', 'reason', 'planned_again_in', 'is_reviewed', 'is_checkable', 'is_from_digest', 'known_from',
] -%}
with

promises as (
    select
        *,
        cast(extract(year from due_on) as bigint) as due_year
    from {{ known('int_promises_made') }}
    where is_first
),

words as (
    select * from {{ known('int_promise_words') }}
),

sentences_of_promises as (
    select distinct
        promise_id,
        {{ sentence_key() }} as sentence_key
    from {{ known('int_promises_made') }}
),

figures as (
    select * from {{ known('int_promise_figures') }}
),

entries as (
    select * from {{ known('int_promise_sentences') }}
    where section_kind = 'progress'
),

-- A report covers a year as soon as any department of it reports on that year.
covered as (
    select
        report,
        max(section_year) as covered_year
    from entries
    group by report
),

-- Entries that name a service: of `some services`, unnamed, it may be one.
named_services as (
    select distinct
        report,
        department_id,
        section_year
    from entries
    where service_id is not null
),

-- Entries that say nothing but that nothing applies.
denials as (
    select
        report,
        department_id,
        section_year,
        concat(min(document), ' line ', cast(min(line) as {{ text }})) as citation
    from entries
    group by report, department_id, section_year
    having min(case when says = 'not_applicable' then 1 else 0 end) = 1
),

stated as (
    select
        promises.*,
        figures.target_figure_id as promised_figure_id,
        figures.metric,
        figures.promised_value,
        figures.outcome_figure_id as reported_figure_id,
        figures.reported_value,
        figures.unit,
        coalesce(covered.covered_year >= promises.due_year, false)
        and coalesce(covered.covered_year > promises.reviewed_until, true) as is_covered,
        figures.is_reached,
        coalesce(figures.is_missed, false) as is_missed,
        coalesce(figures.is_by_rule, false) as is_answered,
        figures.outcome_since,
        figures.outcome_until,
        figures.outcome_year,
        concat(figures.outcome_document, ' line ', cast(figures.outcome_line as {{ text }})) as outcome_citation,
        words.done_year,
        words.done_citation,
        case when {{ is_of_its_time }} then words.done_since end as done_since,
        case when {{ is_of_its_time }} then words.done_until end as done_until,
        coalesce(words.is_contradicted, false) as is_contradicted,
        words.replaced_citation,
        words.partly_citation,
        coalesce(words.not_done_year, words.delayed_year) as not_done_year,
        coalesce(words.not_done_citation, words.delayed_citation) as not_done_citation,
        words.planned_again_citation,
        words.planned_again_year,
        planned_again.promise_id as planned_again_in,
        words.partly_year,
        words.perhaps_done_year,
        coalesce(words.mentioned_year >= coalesce(promises.due_year, promises.section_year), false) as is_mentioned,
        words.latest_word,
        named_services.report is not null as is_perhaps_of_a_service,
        denials.citation as denied_citation
    from promises
    left join covered on promises.report = covered.report
    left join figures on promises.promise_id = figures.promise_id
    left join words on promises.promise_id = words.promise_id
    left join sentences_of_promises as planned_again on words.planned_again_key = planned_again.sentence_key
    left join named_services
        on
            promises.report = named_services.report
            and promises.department_id = named_services.department_id
            and promises.due_year = named_services.section_year
            and promises.service_id is null
            and regexp_matches(promises.promise, '(?i)\bservices\b')
    left join denials
        on
            promises.report = denials.report
            and promises.department_id = denials.department_id
            and promises.due_year = denials.section_year
            and promises.is_checkable
            and (promises.reviewed_until is null or promises.reviewed_until < denials.section_year)
),

decided as (
    select
        *,
        case
            when is_reached then 'kept'
            when not is_reached and is_covered then 'partly'
            when denied_citation is not null then 'not_applicable'
            when done_year is not null and is_contradicted then 'unclear'
            when done_year is not null then 'kept'
            when replaced_citation is not null then 'replaced'
            -- What fell short may have been done in a later year.
            when
                perhaps_done_year > coalesce(partly_year, not_done_year)
                or perhaps_done_year >= planned_again_year
                then 'unclear'
            when partly_citation is not null then 'partly'
            when not_done_year >= due_year then 'not_kept'
            when planned_again_citation is not null then 'not_kept'
            -- Of what has no day a mention may say anything.
            when (is_mentioned or is_answered) and due_on is null then 'unclear'
            when not is_covered then 'open'
            when is_mentioned or is_answered or is_perhaps_of_a_service or not is_worded then 'unclear'
            else 'not_reported'
        end as word,
        case when is_reached then outcome_year else done_year end as kept_year,
        case when is_reached then outcome_since else done_since end as kept_since,
        case when is_reached then outcome_until else done_until end as kept_until
    from stated
)

select
    {{ columns_of('decided', shown, 4) }},
    case
        when word <> 'kept' then word
        when due_on is null then 'kept_undated'
        when kept_until <= due_on then 'kept'
        -- A figure of a later time says nothing of the day, unless one of then fell short.
        when is_reached and not is_missed and (kept_since > due_on or kept_year > due_year) then 'kept_undated'
        when kept_since > due_on then 'kept_late'
        when kept_until is not null then 'kept_undated'
        when kept_year < due_year then 'kept'
        when kept_year > due_year then 'kept_late'
        when extract(month from due_on) = 12 and extract(day from due_on) = 31 then 'kept'
        else 'kept_undated'
    end as rule_reported,
    case
        when is_reached or (not is_reached and is_covered) then outcome_citation
        when word = 'not_applicable' then denied_citation
        when word in ('kept', 'unclear') then done_citation
        when word = 'replaced' then replaced_citation
        when word = 'partly' then partly_citation
        when word = 'not_kept' and not_done_year >= due_year then not_done_citation
        when word = 'not_kept' then planned_again_citation
    end as rule_reported_by,
    case when word = 'kept' then kept_since end as kept_not_before,
    case when word = 'kept' then kept_until end as kept_by,
    case
        when is_reached then 'done'
        when latest_word = 'partly' then 'under_way'
        else latest_word
    end as rule_progress
from decided
