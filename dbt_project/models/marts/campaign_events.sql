{%- set never = moment_literal('9999-12-31T00:00:00Z') -%}
with

-- What a report names counts while any of its statements does: the times of these that touch are one.
statements as (
    select
        document,
        known_at,
        coalesce(restored_at, known_at) as counts_from,
        coalesce(set_aside_at, {{ never }}) as counts_to
    from {{ ref('stg_events__statement_published') }}
),

reaching as (
    select
        *,
        min(known_at) over (partition by document) as first_known_at,
        max(counts_to) over (
            partition by document
            order by counts_from, counts_to
            rows between unbounded preceding and 1 preceding
        ) as counted_until
    from statements
),

numbered as (
    select
        *,
        sum(case when counts_from <= counted_until then 0 else 1 end) over (
            partition by document
            order by counts_from, counts_to
            rows between unbounded preceding and current row
        ) as stretch
    from reaching
),

documents as (
    select
        document,
        min(first_known_at) as known_at,
        nullif(min(counts_from), min(first_known_at)) as restored_at,
        nullif(max(counts_to), {{ never }}) as set_aside_at
    from numbered
    group by document, stretch
)

select
    md5(concat_ws('|', event_source, event_id)) as campaign_id,
    service_id,
    department_id,
    campaign_kind,
    started_on,
    ended_on,
    'day' as date_precision,
    cast(null as {{ dbt.type_string() }}) as citation,
    known_at,
    restored_at as counts_from,
    set_aside_at as counts_to,
    {{ is_simulated() }} as is_simulated
from {{ ref('stg_events__campaign_ran') }}
union all
select
    named.campaign_id,
    named.service_id,
    named.department_id,
    named.campaign_kind,
    named.started_on,
    named.ended_on,
    named.date_precision,
    concat(named.document, ' line ', cast(named.line as {{ dbt.type_string() }})) as citation,
    documents.known_at,
    documents.restored_at as counts_from,
    documents.set_aside_at as counts_to,
    {{ is_simulated() }} as is_simulated
from {{ ref('report_campaigns') }} as named
inner join documents on named.document = documents.document
order by started_on, campaign_id
