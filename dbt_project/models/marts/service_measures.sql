{#- Completion rate, user satisfaction, cost per transaction and contacts of services, as known at
    a moment, by the rules of docs/measures.md, "the standard measures".

    One row per service, period and basis: `events` is worked out from starts, feedback, contacts
    and reported costs, `reported` is the publisher's own figure, which comes without parts, and
    without what is impossible.
-#}
{%- set text = dbt.type_string() -%}
{%- set period -%}
    service_id,
        period_kind,
        period_start,
        period_end
{%- endset -%}
with

completions as (
    select * from {{ known('int_service_completions') }}
),

feedback_months as (
    select
        service_id,
        {{ month_index('month_start') }} as month_index,
        sum(feedback_count) as ratings_count,
        {%- for rating in range(1, 6) %}
            sum(case when rating = {{ rating }} then feedback_count else 0 end) as rating_{{ rating }}_count,
        {%- endfor %}
        max(known_at) as known_at
    from {{ stored('feedback_counts') }}
    where known_at <= {{ moment() }}
    group by service_id, month_start
    having sum(feedback_count) > 0
),

satisfaction as (
    {{ counts_of_periods_sql('feedback_months', sums=[
        'ratings_count',
        'rating_1_count',
        'rating_2_count',
        'rating_3_count',
        'rating_4_count',
        'rating_5_count',
    ]) | indent(4) }}
),

contact_months as (
    select
        service_id,
        {{ month_index('month_start') }} as month_index,
        sum(contacts_count) as contacts_count,
        sum(case when is_avoidable then contacts_count else 0 end) as avoidable_contacts_count,
        max(known_at) as known_at
    from {{ stored('contact_counts') }}
    where known_at <= {{ moment() }}
    group by service_id, month_start
    having sum(contacts_count) > 0
),

contacted as (
    {{ counts_of_periods_sql(
        'contact_months', sums=['contacts_count', 'avoidable_contacts_count']
    ) | indent(4) }}
),

costs as (
    select * from {{ known('int_service_costs') }}
),

headline as (
    select
        service_id,
        period_kind,
        period_start,
        period_end,
        definition_id,
        basis,
        digital_count,
        total_count,
        take_up_ratio
    from {{ known('take_up_headline') }}
    where measure = 'completed'
),

-- What comes through a digital channel, whoever keyed it: the digital cost is that of all of it.
digital_channels as (
    select
        volumes.service_id,
        volumes.period_kind,
        volumes.period_start,
        volumes.basis,
        classes.definition_id,
        case
            when count(*) = count(case when volumes.value_status = 'provided' then volumes.transactions_count end)
                then sum(volumes.transactions_count)
        end as digital_with_help_count
    from {{ known('channel_volumes') }} as volumes
    inner join {{ stored('definition_classes') }} as classes
        on volumes.channel = classes.channel
    where
        volumes.period_kind in ('rolling_year', 'financial_year')
        and volumes.value_status <> 'not_applicable'
        and classes.assistance = 'none'
        and classes.online_extent = 'all'
        and classes.is_digital
    group by volumes.service_id, volumes.period_kind, volumes.period_start, volumes.basis, classes.definition_id
),

keys as (
    select
        {{ period }}
    from completions
    union
    select
        {{ period }}
    from satisfaction
    union
    select
        {{ period }}
    from contacted
    union
    select
        {{ period }}
    from costs
),

from_events as (
    select
        keys.service_id,
        keys.period_kind,
        keys.period_start,
        keys.period_end,
        'events' as basis,
        completions.started_count,
        completions.completed_count,
        completions.months_present,
        completions.months_count as months_expected,
        case
            when completions.months_present = completions.months_count
                then least(completions.completed_count / cast(completions.started_count as double), 1.0)
        end as completion_ratio,
        satisfaction.ratings_count,
        {%- for rating in range(1, 6) %}
            satisfaction.rating_{{ rating }}_count,
        {%- endfor %}
        (
            satisfaction.rating_2_count
            + 2 * satisfaction.rating_3_count
            + 3 * satisfaction.rating_4_count
            + 4 * satisfaction.rating_5_count
        ) / (4.0 * satisfaction.ratings_count) as satisfaction_ratio,
        (satisfaction.rating_4_count + satisfaction.rating_5_count)
        / cast(satisfaction.ratings_count as double) as satisfied_ratio,
        costs.total_cost_gbp,
        case when costs.total_cost_gbp is not null then headline.total_count end as cost_transactions_count,
        coalesce(
            costs.total_cost_gbp / cast(nullif(headline.total_count, 0) as double),
            costs.stated_cost_gbp
        ) as cost_per_transaction_gbp,
        costs.digital_cost_gbp,
        case
            when costs.digital_cost_gbp is null then null
            when headline.basis = 'events' then digital_channels.digital_with_help_count
            else headline.digital_count
        end as digital_cost_transactions_count,
        costs.stated_digital_cost_gbp,
        contacted.contacts_count,
        contacted.avoidable_contacts_count,
        contacted.avoidable_contacts_count / cast(contacted.contacts_count as double) as avoidable_contacts_ratio,
        contacted.contacts_count / cast(nullif(headline.total_count, 0) as double) as contacts_per_transaction,
        greatest(completions.known_at, satisfaction.known_at, contacted.known_at, costs.known_at) as known_at
    from keys
    left join completions
        on
            keys.service_id = completions.service_id
            and keys.period_kind = completions.period_kind
            and keys.period_start = completions.period_start
    left join satisfaction
        on
            keys.service_id = satisfaction.service_id
            and keys.period_kind = satisfaction.period_kind
            and keys.period_start = satisfaction.period_start
    left join contacted
        on
            keys.service_id = contacted.service_id
            and keys.period_kind = contacted.period_kind
            and keys.period_start = contacted.period_start
    left join costs
        on
            keys.service_id = costs.service_id
            and keys.period_kind = costs.period_kind
            and keys.period_start = costs.period_start
    left join headline
        on
            keys.service_id = headline.service_id
            and keys.period_kind = headline.period_kind
            and keys.period_start = headline.period_start
    left join digital_channels
        on
            keys.service_id = digital_channels.service_id
            and keys.period_kind = digital_channels.period_kind
            and keys.period_start = digital_channels.period_start
            and headline.basis = digital_channels.basis
            and headline.definition_id = digital_channels.definition_id
),

from_figures as (
    select * from {{ known('int_published_service_measures') }}
),

measured as (
    select
        {{ period }},
        basis,
        started_count,
        completed_count,
        months_present,
        months_expected,
        completion_ratio,
        ratings_count,
        {%- for rating in range(1, 6) %}
            rating_{{ rating }}_count,
        {%- endfor %}
        satisfaction_ratio,
        satisfied_ratio,
        total_cost_gbp,
        cost_transactions_count,
        cost_per_transaction_gbp,
        digital_cost_gbp,
        digital_cost_transactions_count,
        coalesce(
            digital_cost_gbp / cast(nullif(digital_cost_transactions_count, 0) as double),
            stated_digital_cost_gbp
        ) as digital_cost_per_transaction_gbp,
        contacts_count,
        avoidable_contacts_count,
        avoidable_contacts_ratio,
        contacts_per_transaction,
        cast(null as {{ text }}) as withdrawn_quantities,
        cast(null as {{ text }}) as withheld_quantities,
        cast(null as {{ text }}) as placeholder_quantities,
        known_at
    from from_events
    union all
    select
        {{ period }},
        'reported' as basis,
        {%- for count in [
            'started_count', 'completed_count', 'months_present', 'months_expected',
        ] %}
            cast(null as bigint) as {{ count }},
        {%- endfor %}
        completion_ratio,
        cast(null as bigint) as ratings_count,
        {%- for rating in range(1, 6) %}
            cast(null as bigint) as rating_{{ rating }}_count,
        {%- endfor %}
        satisfaction_ratio,
        cast(null as double) as satisfied_ratio,
        cast(null as double) as total_cost_gbp,
        cast(null as bigint) as cost_transactions_count,
        cost_per_transaction_gbp,
        cast(null as double) as digital_cost_gbp,
        cast(null as bigint) as digital_cost_transactions_count,
        digital_cost_per_transaction_gbp,
        cast(null as bigint) as contacts_count,
        cast(null as bigint) as avoidable_contacts_count,
        cast(null as double) as avoidable_contacts_ratio,
        cast(null as double) as contacts_per_transaction,
        withdrawn_quantities,
        withheld_quantities,
        placeholder_quantities,
        known_at
    from from_figures
)

select
    measured.service_id,
    measured.period_kind,
    measured.period_start,
    measured.period_end,
    measured.basis,
    cast(measured.started_count as bigint) as started_count,
    cast(measured.completed_count as bigint) as completed_count,
    cast(measured.months_present as bigint) as months_present,
    cast(measured.months_expected as bigint) as months_expected,
    cast(measured.completion_ratio as double) as completion_ratio,
    cast(measured.ratings_count as bigint) as ratings_count,
    {%- for rating in range(1, 6) %}
        cast(measured.rating_{{ rating }}_count as bigint) as rating_{{ rating }}_count,
    {%- endfor %}
    cast(measured.satisfaction_ratio as double) as satisfaction_ratio,
    cast(measured.satisfied_ratio as double) as satisfied_ratio,
    cast(measured.total_cost_gbp as double) as total_cost_gbp,
    cast(measured.cost_transactions_count as bigint) as cost_transactions_count,
    cast(measured.cost_per_transaction_gbp as double) as cost_per_transaction_gbp,
    cast(measured.digital_cost_gbp as double) as digital_cost_gbp,
    cast(measured.digital_cost_transactions_count as bigint) as digital_cost_transactions_count,
    cast(measured.digital_cost_per_transaction_gbp as double) as digital_cost_per_transaction_gbp,
    cast(measured.contacts_count as bigint) as contacts_count,
    cast(measured.avoidable_contacts_count as bigint) as avoidable_contacts_count,
    cast(measured.avoidable_contacts_ratio as double) as avoidable_contacts_ratio,
    cast(measured.contacts_per_transaction as double) as contacts_per_transaction,
    headline.take_up_ratio,
    headline.definition_id,
    {{ implied_offline_cost(
        'measured.cost_per_transaction_gbp',
        'measured.digital_cost_per_transaction_gbp',
        'headline.total_count',
        'headline.digital_count',
    ) | indent(4) }} as implied_offline_cost_gbp,
    measured.placeholder_quantities,
    case
        when measured.withdrawn_quantities is not null then 'withdrawn'
        when measured.withheld_quantities is not null then 'withheld'
        else 'provided'
    end as value_status,
    nullif(
        concat_ws(
            '; ',
            measured.withdrawn_quantities || ' taken back, blank in a later publication',
            measured.withheld_quantities || ' withheld as impossible, see data_quality'
        ),
        ''
    ) as status_reason,
    measured.known_at,
    {{ is_simulated() }} as is_simulated
from measured
left join headline
    on
        measured.service_id = headline.service_id
        and measured.period_kind = headline.period_kind
        and measured.period_start = headline.period_start
order by measured.service_id, measured.period_kind, measured.period_end, measured.basis
