{#- What was reported of each cell, a row per event, with the moment from which it could be known.

    The performance platform dates what was updated, and nothing else: what it gives without a
    moment was there before the first update of the same cell, however late it came to us. -#}
{% macro dated_reports() -%}
    select
        {{ all_but('is_dated, first_update, known_at') }}, -- noqa: AM04
        case
            when not is_dated and event_source like 'urn:takeup:performance-platform:%'
                then least(known_at, coalesce(first_update - interval 1 microsecond, known_at))
            else known_at
        end as known_at
    from (
        select
            *,
            min(case when is_dated then known_at end) over (
                partition by
                    service_id, definition_id, measure, breakdown, period_kind, period_start, period_end, event_source
            ) as first_update
        from (
            select
                service_id,
                {{ definition_of_source('event_source') }} as definition_id,
                coalesce(measure, 'completed') as measure,
                breakdown,
                period_kind,
                period_start,
                period_end,
                transactions_count,
                cell_text,
                event_source,
                content_hash,
                place,
                position,
                restored_at,
                set_aside_at,
                known_at,
                known_at <> recorded_at as is_dated
            from {{ ref('stg_events__volume_reported') }}
        ) as reported
    ) as with_update
{%- endmacro %}
