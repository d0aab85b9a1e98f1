with

voids as (
    {{ first_voids_sql(ref('int_resolved_corrections')) | indent(4) }}
),

starts as (
    select
        repeated.*,
        voids.voided_at
    from {{ ref('int_repeated_starts') }} as repeated
    left join voids
        on
            repeated.event_source = voids.transaction_source
            and repeated.event_id = voids.transaction_event_id
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
        voided_at as known_at
    from starts
    where voided_at is not null
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
            and (starts.voided_at is null or moments.known_at < starts.voided_at)
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
        voided_at as known_at,
        1 as added_count
    from starts
    where voided_at is not null
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
