with

figures as (
    select document from {{ stored('int_report_figures') }}
    where not is_from_digest and {{ said_by(moment()) }}
),

publication_figures as (
    select document from {{ stored('int_publication_figures') }}
    where not is_from_digest and {{ said_by(moment()) }}
),

statements as (
    select document from {{ stored('int_report_statements') }}
    where not is_from_digest and {{ said_by(moment()) }}
)

select document from figures
union
select document from publication_figures
union
select document from statements
