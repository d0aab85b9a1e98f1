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
),

promises as (
    select * from {{ ref('promises') }}
),

-- The promise that states a figure, that it answers, or that the register names for it: in this order.
stated as (
    select
        promised_figure_id as figure_id,
        promise_id,
        1 as precedence
    from promises
    where promised_figure_id is not null
    union all
    select
        reported_figure_id as figure_id,
        promise_id,
        2 as precedence
    from promises
    where reported_figure_id is not null
    union all
    select
        own_topics.claim_id as figure_id,
        promises.promise_id,
        3 as precedence
    from own_topics
    inner join promises on own_topics.promise_id = promises.promise_id
    where own_topics.topic_number = 1
),

claim_promises as (
    select
        stated.figure_id,
        promises.promise_id,
        promises.reported,
        case when stated.precedence = 1 then promises.reported_figure_id end as answer_figure_id,
        row_number() over (
            partition by stated.figure_id order by stated.precedence, stated.promise_id
        ) as promise_number
    from stated
    inner join promises on stated.promise_id = promises.promise_id
)

select
    claims.figure_id,
    claims.document,
    claims.line,
    claims.citations,
    claims.department_id,
    claims.service_id,
    claims.subject_id,
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
    case
        when verdicts.verdict <> 'not_measurable' then 'service'
        when claim_promises.answer_figure_id is not null then 'figure'
        when claim_promises.reported not in ('no_test', 'not_applicable', 'unclear') then 'promise'
    end as measured_by,
    claim_promises.promise_id,
    claim_promises.answer_figure_id as reported_figure_id,
    coalesce(own_topic.would_measure, metric_topic.would_measure) as would_measure,
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
left join claim_promises
    on
        claims.figure_id = claim_promises.figure_id
        and claim_promises.promise_number = 1
where coalesce(own_topic.topic, metric_topic.topic) <> 'other'
order by claims.document, claims.line, claims.figure_id
