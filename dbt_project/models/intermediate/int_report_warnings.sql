{#- Versions of reports that read worse than the one before them, and are held for a person, as known at
    a moment: one row per document. -#}
{%- set text = dbt.type_string() -%}
with

files as (
    select
        content_hash,
        min(name) as name
    from {{ stored('ingest_ledger') }}
    where state = 'ingested'
    group by content_hash
)

select
    'report_reads_worse' as check_id,
    cast(null as {{ text }}) as service_id,
    cast(null as {{ text }}) as period_kind,
    cast(null as date) as period_start,
    cast(null as date) as period_end,
    cast(null as {{ text }}) as quantity,
    concat(
        versions.document, ' reads worse than ', versions.compared_with, ' and is held, so the earlier one stays: ',
        concat_ws(
            '; ',
            case
                when versions.missing_count > 0 then concat(
                    cast(versions.missing_count as {{ text }}), ' of its sections are missing, ',
                    versions.first_missing, ' the first'
                )
            end,
            case
                when versions.weaker_count > 0 then concat(
                    'in ', cast(versions.weaker_count as {{ text }}),
                    ' of its sections figures lost their service or period, or are all gone, ',
                    versions.first_weaker, ' the first'
                )
            end
        ),
        '. Look at the file; set it aside, or say in the register report_versions what becomes of it.'
    ) as what,
    cast(null as double) as value,
    cast(null as double) as expected,
    coalesce(files.name, versions.document) as input,
    versions.known_from as known_at
from {{ known('int_report_versions') }} as versions
left join files on versions.content_hash = files.content_hash
where versions.is_held
