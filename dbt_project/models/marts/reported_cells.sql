{%- set cell_columns = [
    "service_id", "definition_id", "measure", "breakdown", "period_kind", "period_start", "period_end"
] -%}
{%- set cell = cell_columns | join(", ") -%}
{%- set cell_history = "partition by " ~ cell ~ ", counts_from order by known_at" %}

with

reported as (
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
        known_at,
        restored_at,
        set_aside_at,
        known_at <> recorded_at as is_dated,
        event_source,
        content_hash,
        place,
        position
    from {{ ref('stg_events__volume_reported') }}
),

-- The performance platform dates what was updated, and nothing else: what it gives without a
-- moment was there before the first update of the same cell, however late it came to us.
dated as (
    select
        service_id,
        definition_id,
        measure,
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
        case
            when not is_dated and event_source like 'urn:takeup:performance-platform:%'
                then least(known_at, coalesce(first_update - interval 1 microsecond, known_at))
            else known_at
        end as known_at
    from (
        select
            *,
            min(case when is_dated then known_at end) over (partition by {{ cell }}, event_source) as first_update
        from reported
    ) as with_update
),

files as (
    select
        content_hash,
        min(name) as name
    from {{ ref('stg_log__files') }}
    where state = 'ingested'
    group by content_hash
),

register as (
    select * from {{ ref('int_service_register') }}
),

not_applicable as (
    select distinct
        service_id,
        -- Published volumes know one split, and its digital part is what comes online.
        case when channel = 'online' then 'digital' else channel end as breakdown,
        coalesce(cast(valid_from as date), date '0001-01-01') as valid_from,
        coalesce(cast(valid_to as date), date '9999-12-31') as valid_to
    from {{ ref('service_channels') }}
    where expectation = 'not_applicable' and basis = 'reported'
),

counting as (
    {{ counting_rows_sql('dated', cell_columns) | indent(4) }}
),

-- One value per cell and moment. Two files that were published in the same moment are told
-- apart by what they hold, never by which of them arrived first.
ranked as (
    select
        *,
        row_number() over (
            partition by {{ cell }}, counts_from, known_at
            order by content_hash desc, position desc, place desc
        ) as precedence
    from counting
),

with_previous as (
    select
        *,
        lag(known_at) over ({{ cell_history }}) as previous_known_at,
        lag(transactions_count) over ({{ cell_history }}) as previous_count,
        coalesce(
            max(case when transactions_count is not null then 1 else 0 end) over (
                {{ cell_history }}
                rows between unbounded preceding and 1 preceding
            ),
            0
        ) as was_provided_before
    from ranked
    where precedence = 1
),

changes as (
    select
        *,
        lead(known_at) over ({{ cell_history }}) as known_to
    from with_previous
    where previous_known_at is null or transactions_count is distinct from previous_count
)

select
    changes.service_id,
    changes.definition_id,
    changes.measure,
    changes.breakdown,
    changes.period_kind,
    changes.period_start,
    changes.period_end,
    changes.transactions_count,
    case
        when not_applicable.service_id is not null then 'not_applicable'
        when changes.transactions_count is not null then 'provided'
        when changes.was_provided_before = 1 then 'withdrawn'
        else 'not_provided'
    end as value_status,
    changes.cell_text,
    coalesce(register.volume_kind, 'flow') as volume_kind,
    changes.known_at as known_from,
    changes.known_to,
    changes.counts_from,
    changes.counts_to,
    changes.counts_because,
    changes.event_source,
    changes.content_hash,
    files.name as input,
    changes.place,
    {{ is_simulated() }} as is_simulated
from changes
left join register
    on changes.service_id = register.service_id
left join files
    on changes.content_hash = files.content_hash
left join not_applicable
    on
        changes.service_id = not_applicable.service_id
        and changes.breakdown = not_applicable.breakdown
        and changes.period_start >= not_applicable.valid_from
        and changes.period_end <= not_applicable.valid_to
order by
    changes.service_id,
    changes.period_start,
    changes.breakdown,
    changes.known_at
