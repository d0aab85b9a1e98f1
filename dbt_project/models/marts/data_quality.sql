{#- What is worth a look in the figures known at a moment: published all the same, with a warning, or
    held back because it is impossible; and by how many percentage points take-up would be another
    under the finding's other reading (docs/measures.md, "Doubts").
-#}
{%- set columns = [
    'check_id', 'service_id', 'period_kind', 'period_start', 'period_end', 'quantity', 'what', 'value', 'expected',
    'input', 'known_at',
] -%}
{%- set warnings = [
    'int_count_warnings', 'int_rolling_year_warnings', 'int_source_disagreements', 'int_take_up_doubts',
    'int_cost_doubts', 'int_report_warnings',
] -%}
with

findings as (
    {%- for warning in warnings %}
        select
            {{ columns | join(',\n            ') }},
            'warn' as severity
        from {{ known(warning) }}
        union all
    {%- endfor %}
    select
        check_id,
        service_id,
        null as period_kind,
        null as period_start,
        null as period_end,
        null as quantity,
        what,
        null as value,
        null as expected,
        input,
        known_at,
        'warn' as severity
    from {{ stored('int_file_remarks') }}
    where known_at <= {{ moment() }}
    union all
    select
        'commentary_missing' as check_id,
        service_id,
        period_kind,
        period_start,
        period_end,
        null as quantity,
        'the return has no commentary, and needs it: ' || replace(commentary_needed_for, '_', ' ') as what,
        null as value,
        null as expected,
        null as input,
        known_at,
        'warn' as severity
    from {{ known('mi_returns') }}
    where is_commentary_missing
    union all
    select
        {{ columns | join(',\n        ') }},
        'withheld' as severity
    from {{ known('int_impossible_figures') }}
),

headline as (
    select
        *,
        {{ month_index('period_start') }} as start_month
    from {{ known('take_up_headline') }}
    where value_status = 'complete'
),

-- The take-up that a finding is about, where any is shown, and what the count or the ratio would be
-- instead.
readings as (
    select
        findings.*,
        headline.digital_count,
        headline.total_count,
        headline.take_up_ratio,
        case
            when findings.check_id = 'repeats_period_before' and findings.quantity in ('digital_count', 'total_count')
                then earlier.take_up_ratio
            when findings.quantity = 'take_up_ratio' then findings.expected
        end as other_ratio,
        case
            when findings.check_id in ('repeats_period_before', 'mean_of_quarters_but_no_stock', 'gone_silent')
                then null
            when findings.check_id = 'rolling_figure_disagrees' then findings.value
            when findings.quantity in ('digital_count', 'total_count') then findings.expected
        end as other_count
    from findings
    left join headline
        on
            findings.service_id = headline.service_id
            and findings.period_kind = headline.period_kind
            and findings.period_start = headline.period_start
            and findings.severity = 'warn'
    left join headline as earlier
        on
            headline.service_id = earlier.service_id
            and headline.period_kind = earlier.period_kind
            and headline.definition_id = earlier.definition_id
            and headline.start_month - {{ months_to_previous('headline.period_kind') }} = earlier.start_month
),

-- Where a check doubts both counts of a period, the other reading is that of both.
other_parts as (
    select
        *,
        coalesce(
            max(other_ratio) over (partition by check_id, service_id, period_kind, period_start) * total_count,
            max(case when quantity = 'digital_count' then other_count end)
                over (partition by check_id, service_id, period_kind, period_start),
            digital_count
        ) as other_digital,
        coalesce(
            max(case when quantity = 'total_count' then other_count end)
                over (partition by check_id, service_id, period_kind, period_start),
            total_count
        ) as other_total
    from readings
),

-- Digital transactions are no more than all are. A cost moves no take-up, and what has no other
-- reading says nothing of how far it could.
effects as (
    select
        *,
        case when coalesce(other_ratio, other_count) is not null then other_total end as read_total,
        least(other_digital, other_total) as read_digital,
        case when check_id in ('digital_cost_above_cost', 'cost_of_zero') then 0.0 end as no_effect
    from other_parts
),

owners as (
    select
        service_id,
        department_id
    from {{ known('int_service_departments') }}
    where structure = 'current'
),

-- A month or quarter of the service's department of today: the sum of its measured services, as in
-- department_take_up, which takes far longer to ask as of a moment.
departments as (
    select
        headline.service_id,
        headline.period_kind,
        headline.period_start,
        sum(headline.digital_count) over body as digital_count,
        sum(headline.total_count) over body as total_count
    from headline
    inner join owners
        on headline.service_id = owners.service_id
    where headline.period_kind in ('month', 'quarter')
    window body as (
        partition by owners.department_id, headline.definition_id, headline.period_kind, headline.period_start
    )
)

select
    effects.check_id,
    effects.severity,
    effects.service_id,
    effects.period_kind,
    effects.period_start,
    effects.period_end,
    effects.quantity,
    effects.what,
    effects.value,
    effects.expected,
    coalesce(
        effects.no_effect,
        100 * (effects.read_digital / nullif(effects.read_total, 0) - effects.take_up_ratio)
    ) as service_effect_pp,
    coalesce(
        effects.no_effect,
        100 * (
            (departments.digital_count - effects.digital_count + effects.read_digital)
            / nullif(departments.total_count - effects.total_count + effects.read_total, 0)
            - departments.digital_count / departments.total_count
        )
    ) as department_effect_pp,
    effects.input,
    effects.known_at,
    {{ is_simulated() }} as is_simulated
from effects
left join departments
    on
        effects.service_id = departments.service_id
        and effects.period_kind = departments.period_kind
        and effects.period_start = departments.period_start
order by effects.check_id, effects.service_id, effects.period_start, effects.quantity, effects.input
