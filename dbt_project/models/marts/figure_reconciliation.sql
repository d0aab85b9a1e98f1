with

claims as (
    select * from {{ known('published_figures') }}
),

measurements as (
    select * from {{ known('int_claim_measurements') }}
),

-- What the claim allows, as an interval: by its qualifier and its last digit. A claim in words
-- (half) has no last digit and is read as one that is about right. A target is to be reached.
read_claims as (
    select
        claims.*,
        case
            when claims.qualifier = 'exact' and coalesce(claims.claim_kind, '') = 'target' then 'at_least'
            when claims.qualifier in ('over', 'above') then 'over'
            when claims.qualifier in ('at_least', 'from') then 'at_least'
            when
                claims.qualifier = 'exact'
                and claims.resolution is null
                and claims.unit = 'ratio'
                and claims.value < 1.0
                then 'around'
            when claims.qualifier = 'handful' then 'up_to'
            else claims.qualifier
        end as reading,
        case
            when claims.qualifier = 'handful' then cast({{ var('claims')['handful'] }} as double)
            else claims.value
        end as stated,
        case
            when claims.unit = 'ratio' then {{ var('claims')['around_ratio'] }}
            else abs(claims.value) * {{ var('claims')['around_share'] }}
        end as around_slack
    from claims
),

intervals as (
    select
        *,
        case reading
            when 'exact' then stated - coalesce(resolution, 0.0) / 2
            when 'around' then stated - around_slack
            when 'over' then stated
            when 'at_least' then stated
        end as claim_lower,
        case reading
            when 'exact' then stated + coalesce(resolution, 0.0) / 2
            when 'around' then stated + around_slack
            when 'up_to' then stated
            when 'under' then stated
        end as claim_upper,
        stated is not null
        and reading in ('exact', 'around', 'over', 'at_least', 'up_to', 'under') as is_comparable
    from read_claims
),

compared as (
    select
        intervals.*,
        measurements.measure,
        measurements.measure_subject,
        measurements.period_kind as measured_period_kind,
        measurements.period_start as measured_from,
        measurements.period_end as measured_to,
        measurements.is_nearest,
        measurements.is_unknown_metric,
        measurements.target_id,
        measurements.rule_reason,
        measurements.has_measurement,
        measurements.measured_value,
        measurements.bound_lower,
        measurements.bound_upper,
        measurements.rounding_lower,
        measurements.rounding_upper,
        measurements.basis as measured_basis,
        measurements.measured_reason,
        measurements.quarter_ratio,
        measurements.quarter_start,
        measurements.quarter_end,
        -- What is known of the measured value: a point, widened by rounding, or bounds.
        coalesce(measurements.rounding_lower, measurements.bound_lower) as known_lower,
        coalesce(measurements.rounding_upper, measurements.bound_upper) as known_upper
    from intervals
    inner join measurements on intervals.figure_id = measurements.figure_id
),

tested as (
    select
        *,
        -- Open ends of `over` and `under` exclude the value itself.
        is_comparable and has_measurement
        and case
            when claim_lower is null then true
            when reading = 'over' then coalesce(known_lower > claim_lower, false)
            else coalesce(known_lower >= claim_lower - 1e-9, false)
        end
        and case
            when claim_upper is null then true
            when reading = 'under' then coalesce(known_upper < claim_upper, false)
            else coalesce(known_upper <= claim_upper + 1e-9, false)
        end as is_all_within,
        is_comparable and has_measurement
        and case
            when claim_upper is null then true
            when reading = 'under' then coalesce(known_lower < claim_upper, true)
            else coalesce(known_lower <= claim_upper + 1e-9, true)
        end
        and case
            when claim_lower is null then true
            when reading = 'over' then coalesce(known_upper > claim_lower, true)
            else coalesce(known_upper >= claim_lower - 1e-9, true)
        end as is_any_within,
        -- Cutting the measured value after the claim's last digit gives the claim.
        is_comparable and has_measurement and reading = 'exact' and resolution > 0
        and coalesce(
            known_lower >= stated - resolution / 2 - 1e-9
            and known_upper < stated + resolution - 1e-9,
            false
        ) as is_all_within_or_cut,
        is_comparable and has_measurement and reading = 'exact' and resolution > 0
        and coalesce(
            known_upper >= stated - resolution / 2 - 1e-9
            and known_lower < stated + resolution - 1e-9,
            false
        ) as is_any_within_or_cut
    from compared
),

decided as (
    select
        *,
        case
            when not is_comparable or not has_measurement or is_nearest then 'not_measurable'
            when is_all_within then 'agrees'
            -- The same count, rounded the same way.
            when unit = 'count' and measured_value = stated then 'agrees'
            when is_all_within_or_cut then 'agrees_truncated'
            when known_lower is null and known_upper is null then 'not_measurable'
            when not is_any_within and not is_any_within_or_cut then 'differs'
            when measured_value is not null then 'too_close'
            else 'not_measurable'
        end as verdict
    from tested
),

shown as (
    select
        *,
        case
            when is_nearest and has_measurement then measure
            when verdict = 'not_measurable' and quarter_ratio is not null then 'take_up'
        end as nearest_measure,
        case
            when is_nearest then measured_value
            when verdict = 'not_measurable' then quarter_ratio
        end as nearest_value,
        case when is_nearest then bound_lower when verdict = 'not_measurable' then quarter_ratio end as nearest_lower,
        case when is_nearest then bound_upper when verdict = 'not_measurable' then quarter_ratio end as nearest_upper,
        case
            when is_nearest and has_measurement then measured_from
            when verdict = 'not_measurable' then quarter_start
        end as nearest_period_start,
        case
            when is_nearest and has_measurement then measured_to
            when verdict = 'not_measurable' then quarter_end
        end as nearest_period_end,
        case
            when measure in ('transactions', 'digital_transactions') then 'count'
            else 'ratio'
        end as nearest_unit,
        {{ shown_figure('measured_value', 'unit') }} as value_shown,
        coalesce({{ shown_figure('bound_lower', 'unit') }}, 'unknown') as lower_shown,
        coalesce({{ shown_figure('bound_upper', 'unit') }}, 'unknown') as upper_shown,
        {{ shown_figure('known_lower', 'unit') }} as known_lower_shown,
        {{ shown_figure('known_upper', 'unit') }} as known_upper_shown,
        case
            when unit = 'ratio'
                then concat(
                    cast(cast(100 * abs(measured_value - stated) as decimal(18, 2)) as {{ dbt.type_string() }}),
                    ' percentage points'
                )
            else cast(cast(abs(measured_value - stated) as decimal(18, 0)) as {{ dbt.type_string() }})
        end as distance_shown
    from decided
)

select
    figure_id,
    case when not is_nearest then measured_value end as measured_value,
    case when not is_nearest then bound_lower end as measured_lower,
    case when not is_nearest then bound_upper end as measured_upper,
    case when has_measurement and not is_nearest then measured_from end as measured_period_start,
    case when has_measurement and not is_nearest then measured_to end as measured_period_end,
    case
        when is_nearest then null
        when measured_value is not null then measured_value - stated
        when verdict = 'differs' and bound_upper < stated then bound_upper - stated
        when verdict = 'differs' and bound_lower > stated then bound_lower - stated
    end as difference,
    verdict,
    nullif(concat_ws(
        ' ',
        case
            when not is_comparable then 'It states no number that can be compared.'
            when is_unknown_metric then 'No register says what this metric could be held against.'
            when measure <> 'none' and not has_measurement then concat(
                'Nothing is measured of ', coalesce(measure_subject, 'a service that it does not name'), ' for ',
                coalesce(cast(measured_from as {{ dbt.type_string() }}), 'a period that it does not state'),
                coalesce(concat(' to ', cast(measured_to as {{ dbt.type_string() }})), ''), '.'
            )
        end,
        rule_reason,
        case
            when verdict = 'agrees' and measured_value is null
                then concat('It lies between ', lower_shown, ' and ', upper_shown, '.')
            when verdict = 'agrees_truncated' then concat(value_shown, ', cut and not rounded.')
            when verdict = 'too_close'
                then concat('Totals are rounded: between ', known_lower_shown, ' and ', known_upper_shown, '.')
            when verdict = 'differs' and measured_value > stated then concat('Above by ', distance_shown, '.')
            when verdict = 'differs' and measured_value < stated then concat('Below by ', distance_shown, '.')
            when verdict = 'differs' and bound_upper < stated then concat('At most ', upper_shown, '.')
            when verdict = 'differs' then concat('At least ', lower_shown, '.')
            when verdict = 'agrees' or is_nearest or not has_measurement then null
            when bound_lower is not null or bound_upper is not null
                then concat('Bounds do not decide: ', lower_shown, ' to ', upper_shown, '.')
            else measured_reason
        end,
        case
            when nearest_measure is not null then concat(
                'Nearest: ', replace(nearest_measure, '_', ' '), ' of ', measure_subject, ', ',
                cast(nearest_period_start as {{ dbt.type_string() }}), ' to ',
                cast(nearest_period_end as {{ dbt.type_string() }}), ': ',
                case
                    when nearest_value is not null then {{ shown_figure('nearest_value', 'nearest_unit') }}
                    when nearest_lower is null and nearest_upper is null then 'not measured either'
                    else concat(
                        coalesce({{ shown_figure('nearest_lower', 'nearest_unit') }}, 'unknown'), ' to ',
                        coalesce({{ shown_figure('nearest_upper', 'nearest_unit') }}, 'unknown')
                    )
                end,
                '.'
            )
        end
    ), '') as reason,
    case when has_measurement then measured_basis end as basis,
    nearest_measure,
    nearest_value,
    nearest_lower,
    nearest_upper,
    nearest_period_start,
    nearest_period_end,
    target_id,
    {{ is_simulated() }} as is_simulated
from shown
order by figure_id
