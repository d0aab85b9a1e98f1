{#- The query of records that are in quarantine and that no retry has accepted since. -#}
{% macro open_quarantine() -%}
    select
        records.file_hash as content_hash,
        records.position,
        records.place,
        records.reason,
        records.detail,
        records.raw,
        records.recorded_at,
        records.commit_version
    from {{ log_records('quarantine') }} as records
    left join {{ ref('stg_log__retries') }} as retries
        on
            records.file_hash = retries.content_hash
            and records.position = retries.position
            and records.place is not distinct from retries.place
            and retries.outcome <> 'quarantined'
    where retries.content_hash is null
{%- endmacro %}
