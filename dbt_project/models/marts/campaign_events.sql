with

-- What a report names counts from when to when its first statement does.
statements as (
    select
        *,
        dense_rank() over (partition by document order by event_source desc, event_id asc) as statement_number
    from {{ ref('stg_events__statement_published') }}
),

documents as (
    select
        document,
        known_at,
        restored_at,
        set_aside_at
    from statements
    where statement_number = 1
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
