{#- What commits brought, less what was set aside of it: that is a row of its own, dated when it was
    set aside. -#}
with

changes as (
    {{ set_aside_changes_sql(['uk.gov.takeup.contact.received.v1']) | indent(4) }}
),

changed as (
    select
        *,
        {{ json_record('data', {'reason': 'varchar'}) }} as body
    from changes
),

all_counts as (
    select
        commit_version,
        known_at,
        service_id,
        month_start,
        channel,
        reason,
        contacts_count
    from {{ ref('int_contact_counts') }}
    union all
    select
        commit_version,
        changed_at as known_at,
        service_id,
        month_start,
        channel,
        body.reason as reason,
        added_count as contacts_count
    from changed
),

reasons as (
    select
        reason,
        cast(is_avoidable as boolean) as is_avoidable
    from {{ ref('contact_reasons') }}
)

select
    all_counts.commit_version,
    all_counts.known_at,
    all_counts.service_id,
    all_counts.month_start,
    all_counts.channel,
    all_counts.reason,
    coalesce(reasons.is_avoidable, false) as is_avoidable,
    cast(sum(all_counts.contacts_count) as bigint) as contacts_count,
    {{ is_simulated() }} as is_simulated
from all_counts
left join reasons
    on all_counts.reason = reasons.reason
group by
    all_counts.commit_version,
    all_counts.known_at,
    all_counts.service_id,
    all_counts.month_start,
    all_counts.channel,
    all_counts.reason,
    coalesce(reasons.is_avoidable, false)
having sum(all_counts.contacts_count) <> 0
