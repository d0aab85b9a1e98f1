{#- For which returns a department owes commentary, and for what.

    One row per service, kind of period and period of a return that came and needs it: take-up moved
    by more than the variable `commentary` says against the period before, a target that was due is
    missed in a period that ends with the return's, or a figure of the return was restated.
-#}
{%- set cell = "service_id, period_kind, period_start, definition_id, measure, breakdown" -%}
with

returned as (
    select * from {{ known('int_returns') }}
),

headline as (
    select
        *,
        {{ month_index('period_start') }} as start_month
    from {{ known('take_up_headline') }}
    where value_status = 'complete'
),

moved as (
    select
        headline.service_id,
        headline.period_kind,
        headline.period_start,
        100 * (headline.take_up_ratio - earlier.take_up_ratio) as take_up_change_pp
    from headline
    inner join headline as earlier
        on
            headline.service_id = earlier.service_id
            and headline.period_kind = earlier.period_kind
            and headline.definition_id = earlier.definition_id
            and headline.start_month - {{ months_to_previous('headline.period_kind') }} = earlier.start_month
),

missed as (
    select distinct
        headline.service_id,
        headline.period_end
    from {{ stored('mart_targets') }} as targets
    inner join headline
        on
            targets.service_id = headline.service_id
            and targets.period_kind = headline.period_kind
            and targets.due_on <= headline.period_end
    where
        targets.metric = 'digital_take_up'
        and headline.take_up_ratio < targets.target_ratio
),

values_sent as (
    select
        *,
        lag(known_from) over (partition by {{ cell }} order by known_from) as previous_known_from,
        lag(transactions_count) over (partition by {{ cell }} order by known_from) as previous_count
    from {{ stored('reported_cells') }}
    where
        event_source like 'urn:takeup:mi-return:%'
        and value_status in ('provided', 'withdrawn')
        and known_from <= {{ moment() }}
        and {{ counts_at(moment()) }}
),

restated as (
    select
        service_id,
        period_kind,
        period_start,
        max(known_from) as restated_at
    from values_sent
    where previous_known_from is not null and transactions_count is distinct from previous_count
    group by service_id, period_kind, period_start
),

needed as (
    select
        returned.service_id,
        returned.period_kind,
        returned.period_start,
        moved.take_up_change_pp,
        restated.restated_at,
        nullif(
            concat_ws(
                ', ',
                case when abs(moved.take_up_change_pp) > {{ var('commentary').move_pp }} then 'movement' end,
                case when missed.service_id is not null then 'missed_target' end,
                case when restated.service_id is not null then 'restatement' end
            ),
            ''
        ) as needed_for
    from returned
    left join moved
        on
            returned.service_id = moved.service_id
            and returned.period_kind = moved.period_kind
            and returned.period_start = moved.period_start
    left join missed
        on
            returned.service_id = missed.service_id
            and returned.period_end = missed.period_end
    left join restated
        on
            returned.service_id = restated.service_id
            and returned.period_kind = restated.period_kind
            and returned.period_start = restated.period_start
)

select * from needed
where needed_for is not null
