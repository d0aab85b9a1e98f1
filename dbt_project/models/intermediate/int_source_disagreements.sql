{#- Cells of which another producer's latest word, or the same one's in the same moment, is another
    count than the one that is shown.
-#}
{%- set text = dbt.type_string() -%}
with

others as (
    select * from {{ stored('int_disputed_cells') }}
    where
        known_from <= {{ moment() }}
        and (known_to is null or known_to > {{ moment() }})
        and {{ counts_at(moment()) }}
),

shown as (
    select * from {{ stored('reported_cells') }}
    where
        known_from <= {{ moment() }}
        and (known_to is null or known_to > {{ moment() }})
        and {{ counts_at(moment()) }}
),

compared as (
    select
        shown.service_id,
        shown.period_kind,
        shown.period_start,
        shown.period_end,
        concat(
            shown.breakdown,
            case when shown.measure <> 'completed' then concat('_', shown.measure) else '' end,
            '_count'
        ) as measure,
        shown.transactions_count,
        shown.event_source,
        shown.input,
        shown.known_from,
        others.event_source as other_source,
        others.known_from as other_known_from,
        case
            when others.highest_count = shown.transactions_count then others.lowest_count
            else others.highest_count
        end as other_count,
        case
            when others.highest_count = shown.transactions_count then others.lowest_input
            else others.highest_input
        end as other_input
    from shown
    inner join others
        on
            shown.service_id = others.service_id
            and shown.definition_id = others.definition_id
            and shown.measure = others.measure
            and shown.breakdown = others.breakdown
            and shown.period_kind = others.period_kind
            and shown.period_start = others.period_start
            and shown.period_end = others.period_end
)

select
    'sources_disagree' as check_id,
    service_id,
    period_kind,
    period_start,
    period_end,
    measure,
    concat(
        'shown is ', coalesce(cast(transactions_count as {{ text }}), 'no count'), ' of ', event_source,
        ' (', coalesce(input, ''), '); ',
        {{ joined_texts(
            "concat(other_source, ' gives ', cast(other_count as " ~ text ~ "), ' (', coalesce(other_input, ''), ')')",
            '; '
        ) }}
    ) as what,
    cast(transactions_count as double) as value,
    cast(max(other_count) as double) as expected,
    input,
    greatest(known_from, max(other_known_from)) as known_at
from compared
where other_count is not null and other_count is distinct from transactions_count
group by
    service_id,
    period_kind,
    period_start,
    period_end,
    measure,
    transactions_count,
    event_source,
    input,
    known_from
