{{ config(schema='as_of') }}

{#- What publications state of services' standard measures, kept where it changes: the newest
    publication of a source that has the figure's column and lists the service holds, and a blank
    there takes back what was stated.

    One row per source, service, measure, rolling year and value that it had.
-#}
{%- set in_order -%}
    partition by said.event_source, said.service_id, said.metric, said.period_start, said.period_end
    order by said.known_at
{%- endset -%}
with

landed_documents as (
    select * from {{ ref('int_landed_documents') }}
),

presence as (
    select * from {{ ref('service_presence') }}
    where {{ counts_at(run_moment()) }}
),

given_figures as (
    select
        figures.event_source,
        figures.service_id,
        figures.metric,
        figures.period_start,
        figures.period_end,
        case when figures.qualifier = 'exact' then figures.value end as value,
        figures.document as input,
        figures.known_at,
        -- Two files of one moment are told apart by what they hold.
        row_number() over (
            partition by
                figures.event_source,
                figures.service_id,
                figures.metric,
                figures.period_start,
                figures.period_end,
                figures.known_at
            order by figures.content_hash desc, figures.position desc
        ) as precedence
    from {{ ref('stg_events__figure_published') }} as figures
    left join landed_documents on figures.document = landed_documents.document
    where
        figures.metric in (
            'completion_rate', 'user_satisfaction', 'cost_per_transaction', 'digital_cost_per_transaction'
        )
        and figures.service_id is not null
        and {{ month_index('figures.period_end') }} - {{ month_index('figures.period_start') }} = 11
        and figures.set_aside_at is null
        and (figures.is_from_digest is not true or landed_documents.document is null)
),

figures as (
    select * from given_figures
    where precedence = 1
),

columns_of_publications as (
    select
        event_source,
        metric,
        period_start,
        period_end,
        known_at,
        max(input) as input
    from figures
    group by event_source, metric, period_start, period_end, known_at
),

cells as (
    select distinct
        event_source,
        service_id,
        metric,
        period_start,
        period_end
    from figures
),

-- Where a publication has the column and lists the service, a figure is there or blank.
said as (
    select
        cells.*,
        publications.known_at
    from cells
    inner join columns_of_publications as publications
        on
            cells.event_source = publications.event_source
            and cells.metric = publications.metric
            and cells.period_start = publications.period_start
            and cells.period_end = publications.period_end
    inner join presence
        on
            cells.event_source = presence.event_source
            and cells.service_id = presence.service_id
            and publications.known_at >= presence.listed_from
            and (presence.listed_to is null or publications.known_at < presence.listed_to)
    union
    select
        event_source,
        service_id,
        metric,
        period_start,
        period_end,
        known_at
    from figures
),

compared as (
    select
        said.*,
        figures.value,
        coalesce(figures.input, publications.input) as input,
        row_number() over ({{ in_order }}) as number_of_said,
        lag(figures.value) over ({{ in_order }}) as value_before
    from said
    inner join columns_of_publications as publications
        on
            said.event_source = publications.event_source
            and said.metric = publications.metric
            and said.period_start = publications.period_start
            and said.period_end = publications.period_end
            and said.known_at = publications.known_at
    left join figures
        on
            said.event_source = figures.event_source
            and said.service_id = figures.service_id
            and said.metric = figures.metric
            and said.period_start = figures.period_start
            and said.period_end = figures.period_end
            and said.known_at = figures.known_at
),

-- A figure that is blank from the start was never stated.
changes as (
    select * from compared
    where
        case
            when number_of_said = 1 then value is not null
            else value is distinct from value_before
        end
)

select
    event_source,
    service_id,
    -- By the columns of service_measures.
    case metric
        when 'completion_rate' then 'completion_ratio'
        when 'user_satisfaction' then 'satisfaction_ratio'
        else concat(metric, '_gbp')
    end as quantity,
    period_start,
    period_end,
    value,
    input,
    known_at as known_from,
    lead(known_at) over (
        partition by event_source, service_id, metric, period_start, period_end
        order by known_at
    ) as known_to
from changes
