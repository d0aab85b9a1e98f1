with

documents as (
    select
        document,
        min(known_at) as known_at
    from (
        select
            document,
            known_at
        from {{ ref('stg_events__statement_published') }}
        union all
        select
            document,
            known_at
        from {{ ref('stg_events__figure_published') }}
    ) as told
    group by document
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
-- What a report says was run is known as soon as the report is.
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
    cast(null as {{ moment_type() }}) as counts_from,
    cast(null as {{ moment_type() }}) as counts_to,
    {{ is_simulated() }} as is_simulated
from {{ ref('report_campaigns') }} as named
inner join documents on named.document = documents.document
order by started_on, campaign_id
