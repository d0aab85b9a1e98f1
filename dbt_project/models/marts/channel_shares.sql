{#- Each channel's share of a service's completed transactions, and how it moved, by the rules of
    docs/measures.md, "channel shift".

    One row per row of channel_volumes. There are shares where every channel that the service has
    is counted: with a missing one the others' would be too large. A channel that was not there in
    a counted period had no share in it.
-#}
with

volumes as (
    select
        service_id,
        period_kind,
        period_start,
        period_end,
        {{ month_index('period_start') }} as start_month,
        basis,
        channel,
        is_authoritative,
        value_status,
        case when value_status = 'provided' then transactions_count end as transactions_count
    from {{ known('channel_volumes') }}
),

wholes as (
    select
        service_id,
        period_kind,
        start_month,
        basis,
        sum(transactions_count) as total_count
    from volumes
    where value_status <> 'not_applicable'
    group by service_id, period_kind, start_month, basis
    having count(*) = count(transactions_count) and sum(transactions_count) > 0
),

shares as (
    select
        volumes.*,
        wholes.total_count,
        volumes.transactions_count / cast(wholes.total_count as double) as share_ratio
    from volumes
    left join wholes
        on
            volumes.service_id = wholes.service_id
            and volumes.period_kind = wholes.period_kind
            and volumes.start_month = wholes.start_month
            and volumes.basis = wholes.basis
),

facts as (
    select
        service_id,
        is_seasonal,
        has_offline_route
    from {{ stored('mart_services') }}
),

placed as (
    select
        shares.*,
        shares.start_month - {{ months_to_previous('shares.period_kind') }} as previous_month,
        shares.start_month - 12 as year_before_month,
        coalesce(facts.has_offline_route, true) as has_shift,
        coalesce(facts.has_offline_route, true)
        and not (coalesce(facts.is_seasonal, false) and shares.period_kind in ('month', 'quarter')) as has_every_shift
    from shares
    left join facts
        on shares.service_id = facts.service_id
),

compared as (
    select
        placed.*,
        case
            when placed.has_every_shift and whole_before.total_count is not null
                then placed.share_ratio - coalesce(share_before.share_ratio, 0.0)
        end as shift_previous,
        case
            when placed.has_shift and whole_year_before.total_count is not null
                then placed.share_ratio - coalesce(share_year_before.share_ratio, 0.0)
        end as shift_year
    from placed
    left join wholes as whole_before
        on
            placed.service_id = whole_before.service_id
            and placed.period_kind = whole_before.period_kind
            and placed.basis = whole_before.basis
            and placed.previous_month = whole_before.start_month
    left join shares as share_before
        on
            placed.service_id = share_before.service_id
            and placed.period_kind = share_before.period_kind
            and placed.basis = share_before.basis
            and placed.channel = share_before.channel
            and placed.previous_month = share_before.start_month
    left join wholes as whole_year_before
        on
            placed.service_id = whole_year_before.service_id
            and placed.period_kind = whole_year_before.period_kind
            and placed.basis = whole_year_before.basis
            and placed.year_before_month = whole_year_before.start_month
    left join shares as share_year_before
        on
            placed.service_id = share_year_before.service_id
            and placed.period_kind = share_year_before.period_kind
            and placed.basis = share_year_before.basis
            and placed.channel = share_year_before.channel
            and placed.year_before_month = share_year_before.start_month
)

select
    service_id,
    period_kind,
    period_start,
    period_end,
    channel,
    basis,
    is_authoritative,
    share_ratio,
    100.0 * shift_previous as shift_pp_previous,
    100.0 * shift_year as shift_pp_year,
    shift_year * total_count as transactions_moved_year,
    value_status,
    {{ is_simulated() }} as is_simulated
from compared
order by service_id, basis, channel, period_kind, period_end
