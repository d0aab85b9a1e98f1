{%- set cell_columns = [
    "service_id", "definition_id", "measure", "breakdown", "period_kind", "period_start", "period_end"
] -%}
{%- set cell = cell_columns | join(", ") -%}
{%- set cell_history = "partition by " ~ cell ~ ", counts_from order by known_at" %}

with

dated as (
    {{ dated_reports() }}
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
    where
        previous_known_at is null
        or transactions_count is distinct from previous_count
        -- Until its period is over a figure is held back, and what is said of it then counts anew.
        or (
            transactions_count is not null
            and {{ london_date('previous_known_at') }} < period_end
            and {{ london_date('known_at') }} >= period_end
        )
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
