{#- What commits brought, less what was set aside of it: that is a row of its own, dated when it was
    set aside. -#}
with

changes as (
    {{ set_aside_changes_sql(['uk.gov.takeup.feedback.given.v1']) | indent(4) }}
),

changed as (
    select
        *,
        {{ json_record('data', {'rating': 'bigint', 'barrier': 'varchar'}) }} as body
    from changes
),

all_counts as (
    select
        commit_version,
        known_at,
        service_id,
        month_start,
        channel,
        rating,
        barrier,
        feedback_count
    from {{ ref('int_feedback_counts') }}
    union all
    select
        commit_version,
        changed_at as known_at,
        service_id,
        month_start,
        channel,
        body.rating as rating,
        body.barrier as barrier,
        added_count as feedback_count
    from changed
)

select
    commit_version,
    known_at,
    service_id,
    month_start,
    channel,
    rating,
    barrier,
    cast(sum(feedback_count) as bigint) as feedback_count,
    {{ is_simulated() }} as is_simulated
from all_counts
group by commit_version, known_at, service_id, month_start, channel, rating, barrier
having sum(feedback_count) <> 0
