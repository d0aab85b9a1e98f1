{#- What a service's transactions of a period would have cost at the baseline's channel mix, less
    what they cost at their own, both at the register's unit costs.

    One row per service, basis and period in which every channel is counted. The baseline is the
    first such period of its kind. Costs are those in force at the end of the period, on both
    sides, so that only the mix makes a difference. Where a channel that either mix uses has no
    cost in the register there is no saving.
-#}
{%- set series = "service_id, period_kind, basis" -%}
with

shares as (
    select
        service_id,
        period_kind,
        period_start,
        period_end,
        basis,
        channel,
        is_authoritative,
        share_ratio
    from {{ known('channel_shares') }}
    where share_ratio is not null
),

totals as (
    select
        service_id,
        period_kind,
        period_start,
        basis,
        sum(transactions_count) as total_count
    from {{ known('channel_volumes') }}
    where value_status = 'provided'
    group by service_id, period_kind, period_start, basis
),

periods as (
    select
        shares.service_id,
        shares.period_kind,
        shares.period_start,
        shares.period_end,
        shares.basis,
        min(case when shares.is_authoritative then 1 else 0 end) as is_authoritative,
        max(totals.total_count) as total_count,
        min(shares.period_start) over (partition by shares.service_id, shares.period_kind, shares.basis)
            as baseline_start
    from shares
    inner join totals
        on
            shares.service_id = totals.service_id
            and shares.period_kind = totals.period_kind
            and shares.period_start = totals.period_start
            and shares.basis = totals.basis
    group by
        shares.service_id,
        shares.period_kind,
        shares.period_start,
        shares.period_end,
        shares.basis
),

online_only as (
    select service_id from {{ stored('mart_services') }}
    where not has_offline_route
),

-- Channels of either mix, with the share in both.
sides as (
    select
        periods.service_id,
        periods.period_kind,
        periods.period_start,
        periods.period_end,
        periods.basis,
        shares.channel,
        0.0 as baseline_share,
        shares.share_ratio as own_share
    from periods
    inner join shares
        on
            periods.service_id = shares.service_id
            and periods.period_kind = shares.period_kind
            and periods.basis = shares.basis
            and periods.period_start = shares.period_start
    union all
    select
        periods.service_id,
        periods.period_kind,
        periods.period_start,
        periods.period_end,
        periods.basis,
        shares.channel,
        shares.share_ratio as baseline_share,
        0.0 as own_share
    from periods
    inner join shares
        on
            periods.service_id = shares.service_id
            and periods.period_kind = shares.period_kind
            and periods.basis = shares.basis
            and periods.baseline_start = shares.period_start
),

mixes as (
    select
        service_id,
        period_kind,
        period_start,
        period_end,
        basis,
        channel,
        sum(baseline_share) as baseline_share,
        sum(own_share) as own_share
    from sides
    group by service_id, period_kind, period_start, period_end, basis, channel
    having sum(baseline_share) > 0 or sum(own_share) > 0
),

priced as (
    select
        mixes.*,
        prices.cost_per_transaction_gbp as unit_cost,
        prices.source,
        row_number() over (
            partition by mixes.service_id, mixes.period_kind, mixes.period_start, mixes.basis, mixes.channel
            order by prices.valid_from desc
        ) as cost_number
    from mixes
    left join {{ stored('mart_unit_costs') }} as prices
        on
            mixes.channel = prices.channel
            and mixes.period_end >= prices.valid_from
),

summed as (
    select
        service_id,
        period_kind,
        period_start,
        basis,
        {{ ordered_sum('baseline_share * unit_cost') }} as baseline_unit_cost,
        {{ ordered_sum('own_share * unit_cost') }} as own_unit_cost,
        count(*) - count(unit_cost) as costs_missing,
        {{ joined_texts("case when unit_cost is null then channel end", ", ") }} as channels_without_cost,
        {{ joined_texts("concat(channel, ': ', source)", "; ") }} as sources
    from priced
    where cost_number = 1
    group by service_id, period_kind, period_start, basis
)

select
    periods.service_id,
    periods.period_kind,
    periods.period_start,
    periods.period_end,
    periods.basis,
    periods.is_authoritative = 1 as is_authoritative,
    periods.baseline_start as baseline_period_start,
    cast(periods.total_count as bigint) as transactions_count,
    case
        when summed.costs_missing = 0 and online_only.service_id is null
            then periods.total_count * summed.baseline_unit_cost
    end as cost_at_baseline_mix_gbp,
    case
        when summed.costs_missing = 0 and online_only.service_id is null
            then periods.total_count * summed.own_unit_cost
    end as cost_at_own_mix_gbp,
    case
        when summed.costs_missing = 0 and online_only.service_id is null
            then periods.total_count * (summed.baseline_unit_cost - summed.own_unit_cost)
    end as saving_gbp,
    case
        when online_only.service_id is not null then 'the service never had an offline route'
        when summed.costs_missing > 0 then concat('no unit cost for ', summed.channels_without_cost)
    end as reason,
    case
        when summed.costs_missing = 0 and online_only.service_id is null then summed.sources
    end as unit_cost_sources,
    {{ is_simulated() }} as is_simulated
from periods
inner join summed
    on
        periods.service_id = summed.service_id
        and periods.period_kind = summed.period_kind
        and periods.period_start = summed.period_start
        and periods.basis = summed.basis
left join online_only
    on periods.service_id = online_only.service_id
order by periods.service_id, periods.basis, periods.period_kind, periods.period_end
