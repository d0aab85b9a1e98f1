{#- The stated totals of quarters and their digital parts, from cells of quarters: rows with the
    columns of `key`, which name a service's quarter, `breakdown`, count, status, `volume_kind` and
    `known_from`.

    One row per key and breakdown (`digital`, `total`). Beside a stated total the digital part may be
    given by channel: it is the sum of the digital ones, where none of those that the service has
    is missing.
-#}
{% macro stated_quarter_cells_sql(quarter_cells, key) %}
{%- set shown = key | join(",\n        ") -%}
with

stated_cells as (
    select
        {{ shown }},
        breakdown,
        -- What does not apply is not a part, whatever a publication printed in its place.
        case when value_status <> 'not_applicable' then transactions_count end as transactions_count,
        value_status,
        volume_kind,
        known_from
    from {{ quarter_cells }}
    where breakdown in ('digital', 'total')
),

digital_channels as (
    select
        definition_id,
        channel
    from {{ stored('definition_classes') }}
    where assistance = 'none' and online_extent = 'not_stated' and is_digital
),

-- A digital channel that the service has and the quarter lacks leaves its digital part unknown.
missing_channels as (
    select distinct
        {{ _keyed('totals', key) }}
    from stated_cells as totals
    inner join digital_channels
        on totals.definition_id = digital_channels.definition_id
    inner join {{ stored('mart_service_channels') }} as registered
        on
            totals.service_id = registered.service_id
            and digital_channels.channel = registered.channel
            and {{ channel_is_expected('registered', quarter_start('totals.quarter_index')) }}
    left join {{ quarter_cells }} as cells
        on
            {{ _same('totals', 'cells', key) }}
            and digital_channels.channel = cells.breakdown
    where totals.breakdown = 'total' and cells.transactions_count is null
),

digital_by_channel as (
    select
        {{ _keyed('cells', key) }},
        'digital' as breakdown,
        sum(cells.transactions_count) as transactions_count,
        'provided' as value_status,
        max(cells.volume_kind) as volume_kind,
        max(cells.known_from) as known_from
    from {{ quarter_cells }} as cells
    inner join digital_channels
        on
            cells.definition_id = digital_channels.definition_id
            and cells.breakdown = digital_channels.channel
    inner join stated_cells as totals
        on
            {{ _same('cells', 'totals', key) }}
            and totals.breakdown = 'total'
            and totals.transactions_count is not null
    left join stated_cells as stated_digital
        on
            {{ _same('cells', 'stated_digital', key) }}
            and stated_digital.breakdown = 'digital'
    left join missing_channels
        on
            {{ _same('cells', 'missing_channels', key) }}
    where stated_digital.service_id is null and missing_channels.service_id is null
    group by
        {{ _keyed('cells', key) }}
    -- A total that is less than they are is not theirs.
    having
        count(*) = count(cells.transactions_count)
        and sum(cells.transactions_count) <= max(totals.transactions_count)
)

select * from stated_cells
union all
select * from digital_by_channel
{% endmacro %}

{% macro _keyed(relation, key) -%}
    {%- for name in key -%}
        {{ relation }}.{{ name }}{{ ",\n        " if not loop.last }}
    {%- endfor -%}
{%- endmacro %}

{% macro _same(one, other, key) -%}
    {%- for name in key -%}
        {{ one }}.{{ name }} = {{ other }}.{{ name }}{{ "\n            and " if not loop.last }}
    {%- endfor -%}
{%- endmacro %}
