with

figures as (
    select document from {{ ref('stg_events__figure_published') }}
    where not is_from_digest
),

statements as (
    select document from {{ ref('stg_events__statement_published') }}
    where not is_from_digest
)

select document from figures
union
select document from statements
