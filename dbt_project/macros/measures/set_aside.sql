{#- The rows of `relation` once for each stretch of time in which they count, so that what is worked
    out within a key and a stretch is what holds then: where a row is set aside, the rows that are
    left speak as if it had never come.

    `relation` has `restored_at` and `set_aside_at`, as staged events do, and the columns of `key`,
    which are never null. Added are `counts_from`, `counts_to` and `counts_because` (`set_aside` or
    `restored`: what began the stretch), all null where nothing of the key was ever set aside.
-#}
{% macro counting_rows_sql(relation, key) %}
{%- set keys = key | join(", ") -%}
{%- set shown = key | join(",\n        ") -%}
with

changes as (
    select
        {{ shown }},
        set_aside_at as changed_at,
        'set_aside' as because
    from {{ relation }}
    where set_aside_at is not null
    union all
    select
        {{ shown }},
        restored_at as changed_at,
        'restored' as because
    from {{ relation }}
    where restored_at is not null
),

moments as (
    select
        {{ shown }},
        changed_at,
        max(because) as because
    from changes
    group by {{ keys }}, changed_at
),

stretches as (
    select
        {{ shown }},
        cast(null as {{ moment_type() }}) as counts_from,
        min(changed_at) as counts_to,
        cast(null as {{ dbt.type_string() }}) as counts_because
    from moments
    group by {{ keys }}
    union all
    select
        {{ shown }},
        changed_at as counts_from,
        lead(changed_at) over (partition by {{ keys }} order by changed_at) as counts_to,
        because as counts_because
    from moments
)

select
    given.*,
    stretches.counts_from,
    stretches.counts_to,
    stretches.counts_because
from {{ relation }} as given
left join stretches
    on
        {%- for name in key %}
        {{ "and " if not loop.first }}given.{{ name }} = stretches.{{ name }}
        {%- endfor %}
where
    stretches.{{ key[0] }} is null
    or (
        (given.restored_at is null or given.restored_at <= stretches.counts_from)
        and (given.set_aside_at is null or stretches.counts_from is null or given.set_aside_at > stretches.counts_from)
    )
{% endmacro %}

{#- Whether a row with `counts_from` and `counts_to` counts at a moment. -#}
{% macro counts_at(moment, alias=none) -%}
    {%- set prefix = alias ~ '.' if alias else '' -%}
    ({{ prefix }}counts_from is null or {{ prefix }}counts_from <= {{ moment }})
    and ({{ prefix }}counts_to is null or {{ prefix }}counts_to > {{ moment }})
{%- endmacro %}

{#- What set-asides take out of counts of records, and restores put back.

    One row per record of the types and change: when, and by how much (-1 or 1). -#}
{% macro set_aside_changes_sql(types) %}
{%- for changed_at, added_count in [('set_aside_at', -1), ('restored_at', 1)] %}
{%- if not loop.first %}
union all
{%- endif %}
select
    records.*,
    spans.{{ changed_at }} as changed_at,
    {{ added_count }} as added_count
from {{ ref('int_set_aside_spans') }} as spans
inner join {{ ref('int_set_aside_records') }} as records
    on
        spans.event_source = records.event_source
        and spans.event_id = records.event_id
where spans.{{ changed_at }} is not null and records.event_type in ('{{ types | join("', '") }}')
{%- endfor %}
{% endmacro %}
