with

figures as (
    select document from {{ ref('stg_events__figure_published') }}
    where not is_from_digest and set_aside_at is null
),

statements as (
    select document from {{ ref('stg_events__statement_published') }}
    where not is_from_digest and set_aside_at is null
)

select document from figures
union
select document from statements
