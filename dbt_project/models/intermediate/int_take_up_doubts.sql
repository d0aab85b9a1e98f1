{#- Quarters whose take-up is doubtful beside the service's own other quarters, by docs/measures.md,
    "Doubts". Quarters of another definition are not compared. Thresholds are the variable
    `data_quality`.
-#}
{%- set limits = var('data_quality') -%}
{%- set text = dbt.type_string() -%}
{%- set series = "partition by service_id, definition_id order by quarter_index" -%}
with

quarters as (
    select
        service_id,
        definition_id,
        measure,
        period_kind,
        period_start,
        period_end,
        {{ quarter_index('period_start') }} as quarter_index,
        digital_count,
        total_count,
        take_up_ratio,
        case when digital_count = total_count then 1 else 0 end as is_equal,
        known_at
    from {{ known('take_up_headline') }}
    where period_kind = 'quarter' and value_status = 'complete'
),

offers as (
    {{ digital_offers_sql('quarters') | indent(4) }}
),

compared as (
    select
        *,
        quarter_index - row_number() over (
            partition by service_id, definition_id, is_equal
            order by quarter_index
        ) as run_number,
        max(case when is_equal = 0 then quarter_index end) over (
            {{ series }}
            rows between unbounded preceding and current row
        ) as unequal_before,
        min(case when is_equal = 0 then quarter_index end) over (
            {{ series }}
            rows between current row and unbounded following
        ) as unequal_after,
        lag(quarter_index) over ({{ series }}) as index_before,
        lag(digital_count) over ({{ series }}) as digital_before,
        lag(total_count) over ({{ series }}) as total_before,
        lag(take_up_ratio) over ({{ series }}) as ratio_before,
        greatest(known_at, lag(known_at) over ({{ series }})) as both_known_at
    from quarters
),

-- Of two quarters that are as near as each other the earlier one speaks for the run.
runs as (
    select
        *,
        case
            when unequal_after - quarter_index < coalesce(quarter_index - unequal_before, 9999) then unequal_after
            else unequal_before
        end as nearest_unequal,
        count(*) over (partition by service_id, definition_id, is_equal, run_number) as run_length,
        max(known_at) over (partition by service_id, definition_id, is_equal, run_number) as run_known_at
    from compared
),

equal_runs as (
    select
        runs.*,
        nearest.take_up_ratio as nearest_ratio,
        greatest(runs.run_known_at, nearest.known_at) as pair_known_at
    from runs
    inner join offers
        on
            runs.service_id = offers.service_id
            and runs.definition_id = offers.definition_id
    inner join quarters as nearest
        on
            runs.service_id = nearest.service_id
            and runs.definition_id = nearest.definition_id
            and runs.nearest_unequal = nearest.quarter_index
    where
        runs.is_equal = 1
        and runs.run_length >= {{ limits['equal_quarters'] }}
        and offers.digital_offer = 'offers_both'
),

doubts as (
    select
        service_id,
        definition_id,
        measure,
        period_kind,
        period_start,
        period_end,
        'digital_equals_total' as check_id,
        {{ count_name("'digital'", 'measure') }} as quantity,
        concat(
            'digital equals the total in ', cast(run_length as {{ text }}),
            ' quarters in a row; in the nearest quarter in which they differ take-up is ',
            {{ shown_figure('nearest_ratio', "'ratio'") }}
        ) as what,
        cast(digital_count as double) as value,
        nearest_ratio * total_count as expected,
        pair_known_at as known_at
    from equal_runs
    union all
    select
        service_id,
        definition_id,
        measure,
        period_kind,
        period_start,
        period_end,
        'digital_falls_to_zero' as check_id,
        {{ count_name("'digital'", 'measure') }} as quantity,
        concat('digital falls to zero from ', cast(digital_before as {{ text }}), '; the total is positive') as what,
        cast(digital_count as double) as value,
        ratio_before * total_count as expected,
        both_known_at as known_at
    from compared
    where digital_count = 0 and digital_before > 0
    union all
    select
        service_id,
        definition_id,
        measure,
        period_kind,
        period_start,
        period_end,
        'take_up_moves_far' as check_id,
        'take_up_ratio' as quantity,
        concat(
            'take-up moves from ', {{ shown_figure('ratio_before', "'ratio'") }},
            ' to ', {{ shown_figure('take_up_ratio', "'ratio'") }}, ' in a quarter'
        ) as what,
        take_up_ratio as value,
        ratio_before as expected,
        both_known_at as known_at
    from compared
    where
        quarter_index - index_before = 1
        and least(total_count, total_before) >= {{ limits['move_floor'] }}
        -- To nine digits: 0.8 less 0.5 is not more than 0.3.
        and round(abs(take_up_ratio - ratio_before), 9) > {{ limits['move_pp'] }} / 100.0
)

select
    doubts.check_id,
    doubts.service_id,
    doubts.period_kind,
    doubts.period_start,
    doubts.period_end,
    doubts.quantity,
    doubts.what,
    doubts.value,
    doubts.expected,
    cells.input,
    doubts.known_at
from doubts
left join {{ known('int_shown_cells') }} as cells
    on
        doubts.service_id = cells.service_id
        and doubts.definition_id = cells.definition_id
        and doubts.measure = cells.measure
        and doubts.period_kind = cells.period_kind
        and doubts.period_start = cells.period_start
        and cells.breakdown = 'digital'
