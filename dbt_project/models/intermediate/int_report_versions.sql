{#- The versions of each report as known at a moment, one row per document, and whether it takes the
    place of the one before.

    These papers append: a later one prints the years of the earlier again. One that lacks a section,
    or in which figures lost their service or period, or in which none of several is left, reads worse
    than the last version that was taken, and is held until the register says what becomes of it.
-#}
with recursive

sections as (
    select * from {{ known('int_printed_sections') }}
),

claims as (
    select * from {{ known('int_printed_claims') }}
),

documents as (
    select
        report,
        document,
        min(version_on) as version_on,
        min(known_at) as known_from,
        max(content_hash) as content_hash,
        sum(sections_count) as sections_count
    from (
        select
            report,
            document,
            version_on,
            known_at,
            content_hash,
            1 as sections_count
        from sections
        union all
        select
            report,
            document,
            version_on,
            known_at,
            content_hash,
            0 as sections_count
        from claims
    ) as printed
    group by report, document
),

versions as (
    select
        documents.*,
        decisions.decision,
        row_number() over (partition by documents.report order by documents.known_from, documents.document)
            as version_number
    from documents
    left join {{ stored('int_version_decisions') }} as decisions on documents.document = decisions.document
),

pairs as (
    select
        earlier.document as earlier_document,
        later.document as later_document
    from versions as earlier
    inner join versions as later
        on
            earlier.report = later.report
            and earlier.version_number < later.version_number
),

missing_sections as (
    select
        pairs.earlier_document,
        pairs.later_document,
        count(*) as sections_count,
        min({{ section_key('earlier.') }}) as first_section
    from pairs
    inner join sections as earlier on pairs.earlier_document = earlier.document
    left join sections as later
        on
            pairs.later_document = later.document
            and earlier.department_id = later.department_id
            and earlier.section_kind = later.section_kind
            and earlier.section_year is not distinct from later.section_year
    where later.document is null
    group by pairs.earlier_document, pairs.later_document
),

-- How many figures of a section say of which service and period they are, and how many don't.
readings as (
    select
        document,
        section_key,
        sum(case when service_id is not null and coalesce(period_start, due_on) is not null then 1 else 0 end)
            as whole_count,
        sum(case when service_id is null or coalesce(period_start, due_on) is null then 1 else 0 end)
            as partial_count
    from claims
    group by document, section_key
),

compared_sections as (
    select
        pairs.earlier_document,
        pairs.later_document,
        earlier.section_key,
        earlier.whole_count > later.whole_count and earlier.partial_count < later.partial_count as is_weaker,
        count(later.document) over (partition by pairs.earlier_document, pairs.later_document) = 0
        and sum(earlier.whole_count + earlier.partial_count) over (
            partition by pairs.earlier_document, pairs.later_document
        ) > 1 as is_all_gone
    from pairs
    inner join readings as earlier on pairs.earlier_document = earlier.document
    left join readings as later
        on
            pairs.later_document = later.document
            and earlier.section_key = later.section_key
),

weaker_sections as (
    select
        earlier_document,
        later_document,
        count(*) as sections_count,
        min(section_key) as first_section
    from compared_sections
    where is_weaker or is_all_gone
    group by earlier_document, later_document
),

compared as (
    select
        pairs.*,
        coalesce(missing_sections.sections_count, 0) as missing_count,
        missing_sections.first_section as first_missing,
        coalesce(weaker_sections.sections_count, 0) as weaker_count,
        weaker_sections.first_section as first_weaker
    from pairs
    left join missing_sections
        on
            pairs.earlier_document = missing_sections.earlier_document
            and pairs.later_document = missing_sections.later_document
    left join weaker_sections
        on
            pairs.earlier_document = weaker_sections.earlier_document
            and pairs.later_document = weaker_sections.later_document
),

-- Each version against the last one that was taken.
decided as (
    select
        versions.document,
        versions.report,
        versions.version_number,
        cast(null as {{ dbt.type_string() }}) as compared_with,
        coalesce(versions.decision, 'taken') = 'taken' as is_taken,
        case when coalesce(versions.decision, 'taken') = 'taken' then versions.document end as last_taken
    from versions
    where versions.version_number = 1
    union all
    select
        versions.document,
        versions.report,
        versions.version_number,
        decided.last_taken as compared_with,
        coalesce(versions.decision = 'taken', coalesce(compared.missing_count + compared.weaker_count, 0) = 0)
            as is_taken,
        case
            when coalesce(versions.decision = 'taken', coalesce(compared.missing_count + compared.weaker_count, 0) = 0)
                then versions.document
            else decided.last_taken
        end as last_taken
    from decided
    inner join versions
        on
            decided.report = versions.report
            and decided.version_number + 1 = versions.version_number
    left join compared
        on
            decided.last_taken = compared.earlier_document
            and versions.document = compared.later_document
)

select
    versions.report,
    versions.document,
    versions.version_on,
    cast(versions.version_number as bigint) as version_number,
    cast(versions.sections_count as bigint) as sections_count,
    decided.compared_with,
    cast(coalesce(compared.missing_count, 0) as bigint) as missing_count,
    compared.first_missing,
    cast(coalesce(compared.weaker_count, 0) as bigint) as weaker_count,
    compared.first_weaker,
    decided.is_taken,
    not decided.is_taken and versions.decision is null as is_held,
    case
        when decided.is_taken then 'taken'
        when versions.decision is null then 'held'
        else 'not_taken'
    end as version_status,
    versions.content_hash,
    versions.known_from
from versions
inner join decided on versions.document = decided.document
left join compared
    on
        decided.compared_with = compared.earlier_document
        and versions.document = compared.later_document
