{#- What a service's transactions of a year cost, as far as it was reported. -#}
with

known_costs as (
    select
        service_id,
        breakdown,
        cost_kind,
        {{ month_index('period_start') }} as first_month,
        {{ month_index('period_end') }} - {{ month_index('period_start') }} + 1 as months_count,
        amount_gbp,
        known_from
    from {{ stored('reported_costs') }}
    where
        breakdown in ('total', 'digital')
        and known_from <= {{ moment() }}
        and (known_to is null or known_to > {{ moment() }})
        and {{ counts_at(moment()) }}
),

-- Twelve months that some report covers whole, by itself or as the last of its parts.
cost_windows as (
    select distinct
        service_id,
        first_month + months_count - 12 as first_month
    from known_costs
    where months_count in (1, 3, 12)
),

-- One amount for the twelve months goes before four quarters, and these before twelve months.
windowed_costs as (
    select
        windows.service_id,
        windows.first_month,
        known_costs.breakdown,
        known_costs.cost_kind,
        known_costs.months_count,
        {{ ordered_sum('known_costs.amount_gbp', places=6) }} as amount_gbp,
        max(known_costs.known_from) as known_at,
        row_number() over (
            partition by windows.service_id, windows.first_month, known_costs.breakdown, known_costs.cost_kind
            order by known_costs.months_count desc
        ) as precedence
    from cost_windows as windows
    inner join known_costs
        on
            windows.service_id = known_costs.service_id
            and windows.first_month <= known_costs.first_month
            and windows.first_month + 12 >= known_costs.first_month + known_costs.months_count
    group by
        windows.service_id,
        windows.first_month,
        known_costs.breakdown,
        known_costs.cost_kind,
        known_costs.months_count
    having
        count(*) * known_costs.months_count = 12
        -- Costs per transaction do not add up.
        and (known_costs.cost_kind = 'total' or known_costs.months_count = 12)
),

yearly_costs as (
    select
        service_id,
        first_month,
        max(case when breakdown = 'total' and cost_kind = 'total' then amount_gbp end) as total_cost_gbp,
        max(case when breakdown = 'digital' and cost_kind = 'total' then amount_gbp end) as digital_cost_gbp,
        max(case when breakdown = 'total' and cost_kind = 'per_transaction' then amount_gbp end) as stated_cost_gbp,
        max(case when breakdown = 'digital' and cost_kind = 'per_transaction' then amount_gbp end)
            as stated_digital_cost_gbp,
        max(known_at) as known_at
    from windowed_costs
    where precedence = 1
    group by service_id, first_month
),

year_kinds as (
    {{ year_kinds_sql() | indent(4) }}
),

costs as (
    select
        yearly_costs.*,
        year_kinds.period_kind,
        {{ month_start('yearly_costs.first_month') }} as period_start,
        last_day({{ month_start('yearly_costs.first_month + 11') }}) as period_end
    from yearly_costs
    inner join year_kinds
        on year_kinds.period_kind = 'rolling_year' or yearly_costs.first_month % 12 = 3
)

select * from costs
