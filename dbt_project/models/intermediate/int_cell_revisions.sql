{#- Reported figures that changed between two publications, by docs/measures.md, "Revisions".

    One row per change of a reported cell that was known at the moment: a number for a number, a
    number taken back, or a number where there was none before. Why it changed is said only where a
    source says it.
-#}
{%- set return_source = "urn:takeup:mi-return:" -%}
with

cell_values as (
    select * from {{ known('int_cell_values') }}
),

-- A publication is a scheduled one where it adds a period that none of its source had before.
scheduled as (
    select distinct
        event_source,
        first_known_from
    from (
        select
            event_source,
            period_kind,
            period_start,
            min(known_from) as first_known_from
        from cell_values
        where set_aside_cause is null
        group by event_source, period_kind, period_start
    ) as first_given
),

-- Stated again once its period was over, a figure is the same, and shown from then on.
changes as (
    select
        *,
        {{ count_name('breakdown', 'measure') }} as quantity,
        case breakdown when 'digital' then 'total' when 'total' then 'digital' end as other_breakdown
    from cell_values
    where old_known_at is not null and transactions_count is distinct from old_value
),

-- Beside a digital count or a total, the other of the two just before the change and from then on.
pairs as (
    select
        changes.*,
        coalesce(
            part_since.known_from = changes.known_from
            and part_since.old_known_at is not null
            and part_since.transactions_count is distinct from part_since.old_value,
            false
        ) as both_changed,
        case changes.breakdown
            when 'digital' then changes.old_value
            when 'total' then part_before.transactions_count
        end as old_digital,
        case changes.breakdown
            when 'total' then changes.old_value
            when 'digital' then part_before.transactions_count
        end as old_total,
        case changes.breakdown
            when 'digital' then changes.transactions_count
            when 'total' then part_since.transactions_count
        end as new_digital,
        case changes.breakdown
            when 'total' then changes.transactions_count
            when 'digital' then part_since.transactions_count
        end as new_total
    from changes
    left join cell_values as part_before
        on
            changes.service_id = part_before.service_id
            and changes.definition_id = part_before.definition_id
            and changes.measure = part_before.measure
            and changes.period_kind = part_before.period_kind
            and changes.period_start = part_before.period_start
            and changes.other_breakdown = part_before.breakdown
            and changes.known_from > part_before.known_from
            and (part_before.known_to is null or changes.known_from <= part_before.known_to)
    left join cell_values as part_since
        on
            changes.service_id = part_since.service_id
            and changes.definition_id = part_since.definition_id
            and changes.measure = part_since.measure
            and changes.period_kind = part_since.period_kind
            and changes.period_start = part_since.period_start
            and changes.other_breakdown = part_since.breakdown
            and changes.known_from >= part_since.known_from
            and (part_since.known_to is null or changes.known_from < part_since.known_to)
),

-- What a department says of a return that it sent again.
commentaries as (
    select
        service_id,
        period_kind,
        period_start,
        submitted_at,
        max_by(commentary, signed_off_at) as commentary
    from {{ stored('return_records') }}
    where commentary is not null and known_from <= {{ moment() }} and {{ counts_at(moment()) }}
    group by service_id, period_kind, period_start, submitted_at
),

explained as (
    select
        pairs.*,
        case
            when pairs.set_aside_cause is not null then pairs.set_aside_cause
            when registered.cause is not null then registered.cause
            when commentaries.commentary is not null then 'commentary'
        end as cause,
        case
            when pairs.set_aside_cause is not null then null
            when registered.cause is not null then registered.cause_source
            when commentaries.commentary is not null
                then concat('commentary of the return: ', commentaries.commentary)
        end as cause_source
    from pairs
    left join {{ stored('int_revision_causes') }} as registered
        on
            pairs.service_id = registered.service_id
            and {{ london_date('pairs.known_from') }} = registered.published_on
            and pairs.quantity = registered.quantity
            and pairs.old_value is not null
    left join commentaries
        on
            pairs.service_id = commentaries.service_id
            and pairs.period_kind = commentaries.period_kind
            and pairs.period_start = commentaries.period_start
            and pairs.known_from = commentaries.submitted_at
            and pairs.event_source like '{{ return_source }}%'
            and pairs.old_value is not null
)

select
    explained.service_id,
    explained.period_kind,
    explained.period_start,
    explained.period_end,
    explained.definition_id,
    explained.quantity,
    cast(explained.old_value as bigint) as old_value,
    cast(explained.transactions_count as bigint) as new_value,
    explained.old_known_at,
    explained.known_from as new_known_at,
    case
        when explained.transactions_count is not null and explained.values_before = 0 then 'first_value'
        when explained.set_aside_cause is null and scheduled.event_source is not null then 'with_scheduled_release'
        else 'between_releases'
    end as timing,
    explained.cause,
    explained.cause_source,
    {{ relative_size('explained.old_value', 'explained.transactions_count') }} as relative_size,
    -- Once for the two: beside a digital count that changed, a total has none.
    case
        when explained.breakdown = 'digital' or not explained.both_changed
            then
                {{ take_up_change(
                    'explained.old_digital', 'explained.old_total', 'explained.new_digital', 'explained.new_total'
                ) }}
    end as effect_pp,
    explained.input,
    {{ is_simulated() }} as is_simulated
from explained
left join scheduled
    on
        explained.event_source = scheduled.event_source
        and explained.known_from = scheduled.first_known_from
