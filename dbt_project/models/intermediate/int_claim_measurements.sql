with

claims as (
    select * from {{ known('published_figures') }}
),

rules as (
    select * from {{ stored('int_claim_rules') }}
),

-- What the register says of the newest version of a claim that it knows.
own_rules as (
    select
        identities.claim_id,
        rules.*,
        row_number() over (partition by identities.claim_id order by identities.identity_number) as rule_number
    from rules
    inner join {{ known('int_claim_identities') }} as identities on rules.figure_id = identities.figure_id
),

headline as (
    select * from {{ known('take_up_headline') }}
),

matched as (
    select
        claims.figure_id,
        claims.metric,
        coalesce(own_rule.measure, metric_rule.measure, 'none') as measure,
        coalesce(own_rule.measure_subject, metric_rule.measure_subject, claims.subject_id) as measure_subject,
        coalesce(own_rule.period_kind, case claims.period_kind
            when 'year' then 'rolling_year'
            when 'month' then 'quarter'
            else claims.period_kind
        end) as period_kind,
        coalesce(own_rule.period_start, case
            when claims.period_kind = 'month' then {{ quarter_start(quarter_index('claims.period_start')) }}
            else claims.period_start
        end) as period_start,
        coalesce(own_rule.period_end, case
            when claims.period_kind = 'month' then {{ quarter_end(quarter_index('claims.period_start')) }}
            else claims.period_end
        end) as period_end,
        coalesce(
            own_rule.is_nearest,
            own_rule.period_kind is null and coalesce(claims.period_kind = 'month', false)
        ) as is_nearest,
        own_rule.figure_id is null and metric_rule.metric is null as is_unknown_metric,
        own_rule.target_id,
        coalesce(own_rule.reason, metric_rule.reason) as rule_reason
    from claims
    left join own_rules as own_rule
        on
            claims.figure_id = own_rule.claim_id
            and own_rule.rule_number = 1
    left join rules as metric_rule
        on
            claims.metric = metric_rule.metric
            and metric_rule.figure_id is null
),

headline_with_rounding as (
    select
        headline.*,
        {{ rounding_slack(
            'headline.period_kind', 'headline.period_start', 'headline.period_end',
            'services.rounding_unit', 'services.rounding_until'
        ) }} as total_slack
    from headline
    left join {{ stored('int_service_register') }} as services
        on headline.service_id = services.service_id
    where headline.period_kind <> 'month'
),

of_services as (
    select
        matched.figure_id,
        case
            when matched.measure = 'take_up' then headline.take_up_ratio
            when matched.measure = 'transactions' then cast(headline.total_count as double)
            else cast(headline.digital_count as double)
        end as measured_value,
        case when matched.measure = 'take_up' then headline.take_up_lower end as bound_lower,
        case when matched.measure = 'take_up' then headline.take_up_upper end as bound_upper,
        case
            when matched.measure = 'take_up' and headline.take_up_ratio is not null and headline.total_slack > 0
                then {{ least_take_up('headline.digital_count', 'headline.total_count', 'headline.total_slack') }}
            when matched.measure = 'transactions' then headline.total_count - headline.total_slack
        end as rounding_lower,
        case
            when matched.measure = 'take_up' and headline.take_up_ratio is not null and headline.total_slack > 0
                then {{ most_take_up('headline.digital_count', 'headline.total_count', 'headline.total_slack') }}
            when matched.measure = 'transactions' then headline.total_count + headline.total_slack
        end as rounding_upper,
        headline.basis,
        headline.status_reason as measured_reason
    from matched
    inner join headline_with_rounding as headline
        on
            matched.measure_subject = headline.service_id
            and matched.period_kind = headline.period_kind
            and matched.period_start = headline.period_start
            and matched.period_end = headline.period_end
    where matched.measure in ('take_up', 'transactions', 'digital_transactions')
),

-- A span that is not a period: at least the quarters that lie within it, at most those that touch it.
span_quarters as (
    select
        matched.figure_id,
        headline.basis,
        headline.period_start >= matched.period_start
        and headline.period_end <= matched.period_end as is_within,
        case
            when matched.measure = 'transactions' then headline.total_count
            else headline.digital_count
        end as transactions_count
    from matched
    inner join headline
        on
            matched.measure_subject = headline.service_id
            and matched.period_start <= headline.period_end
            and matched.period_end >= headline.period_start
            and headline.period_kind = 'quarter'
    where
        matched.period_kind = 'range'
        and matched.measure in ('transactions', 'digital_transactions')
),

of_spans as (
    select
        figure_id,
        cast(null as double) as measured_value,
        cast(sum(case when is_within then coalesce(transactions_count, 0) else 0 end) as double) as bound_lower,
        -- A quarter without a number leaves the upper end open.
        case
            when count(transactions_count) = count(*) then cast(sum(transactions_count) as double)
        end as bound_upper,
        cast(null as double) as rounding_lower,
        cast(null as double) as rounding_upper,
        min(basis) as basis,
        cast(null as {{ dbt.type_string() }}) as measured_reason
    from span_quarters
    group by figure_id
),

of_bodies as (
    select
        matched.figure_id,
        case
            when max(case when bodies.coverage_status = 'too_incomplete' then 1 else 0 end) = 0
                then cast(sum(bodies.digital_count) as double) / sum(bodies.total_count)
        end as measured_value,
        cast(null as double) as bound_lower,
        cast(null as double) as bound_upper,
        cast(null as double) as rounding_lower,
        cast(null as double) as rounding_upper,
        'reported' as basis,
        case
            when sum(bodies.total_count) is null then 'none of its services is measured'
            when max(case when bodies.coverage_status = 'too_incomplete' then 1 else 0 end) = 1
                then 'too little of it is measured'
        end as measured_reason
    from matched
    inner join {{ known('department_take_up') }} as bodies
        on
            bodies.structure = 'as_at_period'
            and bodies.scope = 'all'
            and matched.period_kind = bodies.period_kind
            and matched.period_start = bodies.period_start
            and matched.period_end = bodies.period_end
            and bodies.definition_id = 'transactions-explorer'
            and (
                (
                    matched.measure = 'organisation_take_up'
                    and bodies.level = 'organisation'
                    and matched.measure_subject = bodies.organisation_id
                )
                or (
                    matched.measure = 'department_take_up'
                    and bodies.level = 'department'
                    and matched.measure_subject = bodies.department_id
                )
            )
    where matched.measure in ('organisation_take_up', 'department_take_up')
    group by matched.figure_id
),

of_tests as (
    select
        matched.figure_id,
        case
            when tests.lower_count = tests.upper_count and tests.unit = 'count' then cast(tests.lower_count as double)
            when tests.lower_count = tests.upper_count then tests.lower_ratio
        end as measured_value,
        case when tests.unit = 'count' then cast(tests.lower_count as double) else tests.lower_ratio end as bound_lower,
        case when tests.unit = 'count' then cast(tests.upper_count as double) else tests.upper_ratio end as bound_upper,
        cast(null as double) as rounding_lower,
        cast(null as double) as rounding_upper,
        'reported' as basis,
        cast(null as {{ dbt.type_string() }}) as measured_reason
    from matched
    inner join {{ known('strategy_tests') }} as tests
        on
            matched.measure_subject = tests.test_id
            and matched.period_kind = tests.period_kind
            and matched.period_start = tests.period_start
            and matched.period_end = tests.period_end
    where matched.measure = 'strategy_test'
),

publishers_own as (
    select
        service_id,
        metric,
        period_start,
        period_end,
        value,
        row_number() over (
            partition by service_id, metric, period_start, period_end
            order by known_at desc, figure_id asc
        ) as issue_number
    from claims
    where
        metric in ('transactions', 'digital_transactions')
        and period_kind = 'rolling_year'
),

of_publishers as (
    select
        matched.figure_id,
        digital.value / nullif(total.value, 0) as measured_value,
        cast(null as double) as bound_lower,
        cast(null as double) as bound_upper,
        cast(null as double) as rounding_lower,
        cast(null as double) as rounding_upper,
        'reported' as basis,
        cast(null as {{ dbt.type_string() }}) as measured_reason
    from matched
    inner join publishers_own as total
        on
            matched.measure_subject = total.service_id
            and matched.period_start = total.period_start
            and matched.period_end = total.period_end
            and total.metric = 'transactions'
            and total.issue_number = 1
    inner join publishers_own as digital
        on
            total.service_id = digital.service_id
            and total.period_start = digital.period_start
            and total.period_end = digital.period_end
            and digital.metric = 'digital_transactions'
            and digital.issue_number = 1
    where matched.measure = 'published_take_up'
),

measured as (
    select * from of_services
    union all
    select * from of_spans
    union all
    select * from of_bodies
    union all
    select * from of_tests
    union all
    select * from of_publishers
),

-- Where a year lacks a part, its last complete quarter is the nearest thing that is measured.
complete_quarters as (
    select
        matched.figure_id,
        headline.period_start,
        headline.period_end,
        headline.take_up_ratio,
        row_number() over (partition by matched.figure_id order by headline.period_end desc) as quarter_number
    from matched
    inner join measured on matched.figure_id = measured.figure_id
    inner join headline
        on
            matched.measure_subject = headline.service_id
            and headline.period_kind = 'quarter'
            and matched.period_start <= headline.period_start
            and matched.period_end >= headline.period_end
            and headline.value_status = 'complete'
    where
        matched.measure = 'take_up'
        and not matched.is_nearest
        and measured.measured_value is null
)

select
    matched.figure_id,
    matched.measure,
    matched.measure_subject,
    matched.period_kind,
    matched.period_start,
    matched.period_end,
    matched.is_nearest,
    matched.is_unknown_metric,
    matched.target_id,
    matched.rule_reason,
    measured.figure_id is not null as has_measurement,
    measured.measured_value,
    coalesce(measured.measured_value, measured.bound_lower) as bound_lower,
    coalesce(measured.measured_value, measured.bound_upper) as bound_upper,
    coalesce(measured.rounding_lower, measured.measured_value) as rounding_lower,
    coalesce(measured.rounding_upper, measured.measured_value) as rounding_upper,
    measured.basis,
    measured.measured_reason,
    complete_quarters.take_up_ratio as quarter_ratio,
    complete_quarters.period_start as quarter_start,
    complete_quarters.period_end as quarter_end
from matched
left join measured on matched.figure_id = measured.figure_id
left join complete_quarters
    on
        matched.figure_id = complete_quarters.figure_id
        and complete_quarters.quarter_number = 1
