{#- The figures that each version of a report states, as known at a moment: one row per document
    and figure, as in int_printed_sections. -#}
with

landed_documents as (
    select * from {{ known('int_landed_documents') }}
),

figures as (
    select *
    from {{ stored('int_report_figures') }}
    where {{ said_by(moment()) }}
),

-- A corrected copy of a document states the same claims anew: the copy that came last counts.
speaking as (
    select
        figures.*,
        row_number() over (
            partition by figures.event_source, figures.figure_id
            order by
                figures.known_at desc, figures.commit_version desc, figures.content_hash desc, figures.event_id desc
        ) as copy_number
    from figures
    left join landed_documents on figures.document = landed_documents.document
    where not figures.is_from_digest or landed_documents.document is null
)

select {{ all_but('copy_number') }} -- noqa: AM04
from speaking
where copy_number = 1
