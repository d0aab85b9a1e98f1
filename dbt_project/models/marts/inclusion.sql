with

claims as (
    select * from {{ ref('published_figures') }}
),

topics as (
    select * from {{ ref('inclusion_topics') }}
),

verdicts as (
    select * from {{ ref('figure_reconciliation') }}
)

select
    claims.figure_id,
    claims.document,
    claims.line,
    claims.citations,
    claims.department_id,
    claims.service_id,
    coalesce(own_topic.topic, metric_topic.topic) as topic,
    coalesce(own_topic.inclusion_level, metric_topic.inclusion_level) as inclusion_level,
    coalesce(own_topic.place, metric_topic.place) as place,
    claims.subject,
    claims.scope,
    claims.metric,
    claims.claim_kind,
    claims.qualifier,
    claims.value,
    claims.unit,
    claims.period_start,
    claims.period_end,
    claims.due_on,
    verdicts.verdict,
    verdicts.reason,
    {{ is_simulated() }} as is_simulated
from claims
left join topics as own_topic on claims.figure_id = own_topic.figure_id
left join topics as metric_topic
    on
        claims.metric = metric_topic.metric
        and metric_topic.figure_id is null
inner join verdicts on claims.figure_id = verdicts.figure_id
where coalesce(own_topic.topic, metric_topic.topic) <> 'other'
order by claims.document, claims.line, claims.figure_id
