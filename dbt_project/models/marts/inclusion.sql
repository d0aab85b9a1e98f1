with

claims as (
    select * from {{ ref('published_figures') }}
),

topics as (
    select * from {{ ref('inclusion_topics') }}
),

-- What the register says of the newest version of a claim that it knows.
own_topics as (
    select
        identities.claim_id,
        topics.*,
        row_number() over (partition by identities.claim_id order by identities.identity_number) as topic_number
    from topics
    inner join {{ ref('int_claim_identities') }} as identities on topics.figure_id = identities.figure_id
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
left join own_topics as own_topic
    on
        claims.figure_id = own_topic.claim_id
        and own_topic.topic_number = 1
left join topics as metric_topic
    on
        claims.metric = metric_topic.metric
        and metric_topic.figure_id is null
inner join verdicts on claims.figure_id = verdicts.figure_id
where coalesce(own_topic.topic, metric_topic.topic) <> 'other'
order by claims.document, claims.line, claims.figure_id
