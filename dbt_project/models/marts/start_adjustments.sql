with

-- A start counts from when it was known until it is voided or set aside, and again afterwards.
ends as (
    select
        repeated.*,
        repeated.known_at as changed_at,
        1 as is_begin
    from {{ ref('int_repeated_starts') }} as repeated
    union all
    select
        repeated.*,
        states.changed_at,
        1 - states.is_out as is_begin
    from {{ ref('int_repeated_starts') }} as repeated
    inner join {{ ref('int_transaction_states') }} as states
        on
            repeated.event_source = states.transaction_source
            and repeated.event_id = states.transaction_event_id
    where states.is_out <> states.was_out
),

stretches as (
    select
        *,
        lead(changed_at) over (
            partition by event_source, event_id order by changed_at asc, is_begin desc
        ) as known_to
    from ends
),

starts as (
    select
        event_source,
        event_id,
        service_id,
        transaction_id,
        channel,
        month_start,
        occurred_at,
        changed_at as known_at,
        known_to
    from stretches
    where is_begin = 1
),

moments as (
    select
        service_id,
        transaction_id,
        known_at
    from starts
    union
    select
        service_id,
        transaction_id,
        known_to as known_at
    from starts
    where known_to is not null
),

-- Of the starts that were known and stood at a moment, the first in time is the one that counts.
ranked as (
    select
        moments.service_id,
        moments.transaction_id,
        moments.known_at,
        starts.month_start,
        starts.channel,
        row_number() over (
            partition by moments.service_id, moments.transaction_id, moments.known_at
            order by starts.occurred_at, starts.event_source, starts.event_id
        ) as start_number
    from moments
    inner join starts
        on
            moments.service_id = starts.service_id
            and moments.transaction_id = starts.transaction_id
            and moments.known_at >= starts.known_at
            and (starts.known_to is null or moments.known_at < starts.known_to)
),

first_starts as (
    select
        moments.service_id,
        moments.transaction_id,
        moments.known_at,
        ranked.month_start,
        ranked.channel,
        lag(ranked.month_start) over (
            partition by moments.service_id, moments.transaction_id order by moments.known_at
        ) as previous_month_start,
        lag(ranked.channel) over (
            partition by moments.service_id, moments.transaction_id order by moments.known_at
        ) as previous_channel
    from moments
    left join ranked
        on
            moments.service_id = ranked.service_id
            and moments.transaction_id = ranked.transaction_id
            and moments.known_at = ranked.known_at
            and ranked.start_number = 1
),

-- Every start of these transactions is taken out where it was counted, and the first is put in.
changes as (
    select
        service_id,
        month_start,
        channel,
        known_at,
        -1 as added_count
    from starts
    union all
    select
        service_id,
        month_start,
        channel,
        known_to as known_at,
        1 as added_count
    from starts
    where known_to is not null
    union all
    select
        service_id,
        month_start,
        channel,
        known_at,
        1 as added_count
    from first_starts
    where month_start is not null
    union all
    select
        service_id,
        previous_month_start as month_start,
        previous_channel as channel,
        known_at,
        -1 as added_count
    from first_starts
    where previous_month_start is not null
)

select
    service_id,
    month_start,
    channel,
    known_at,
    cast(sum(added_count) as bigint) as transactions_count,
    {{ is_simulated() }} as is_simulated
from changes
group by service_id, month_start, channel, known_at
having sum(added_count) <> 0
order by service_id, month_start, channel, known_at
