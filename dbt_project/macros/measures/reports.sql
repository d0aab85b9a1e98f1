{#- The report that a document is a version of: an action paper's name without its date. Any other
    document is a report of its own, an action paper without a date too. -#}
{% macro report_of(document) -%}
    case
        when regexp_extract({{ document }}, '^(action-[0-9]+)$', 1) <> '' then concat({{ document }}, '-undated')
        else coalesce(
            nullif(regexp_extract({{ document }}, '^(action-[0-9]+)-[0-9]{4}(-[0-9]{2}){1,2}$', 1), ''), {{ document }}
        )
    end
{%- endmacro %}

{#- The sections of which a department is asked, as a condition. What stands under no department's
    heading is nobody's. -#}
{% macro is_placed() -%}
    department_id is not null and section_kind in ('commitment', 'progress', 'plan')
{%- endmacro %}

{#- Whether a row with the columns of a staged event was known at a moment, and counted then. -#}
{% macro said_by(moment, alias=none) -%}
    {%- set prefix = alias ~ '.' if alias else '' -%}
    {{ prefix }}known_at <= {{ moment }}
    and ({{ prefix }}restored_at is null or {{ prefix }}restored_at <= {{ moment }})
    and ({{ prefix }}set_aside_at is null or {{ prefix }}set_aside_at > {{ moment }})
{%- endmacro %}

{#- The name of a placed section within its report: department, kind and year. -#}
{% macro section_key(prefix='') -%}
    concat(
        {{ prefix }}department_id, ':', {{ prefix }}section_kind, '-',
        cast({{ prefix }}section_year as {{ dbt.type_string() }})
    )
{%- endmacro %}

{#- The identifier of a place: the register's, else one made of the words that name it. -#}
{% macro place_id(registered, words) -%}
    coalesce({{ registered }}, {{ slug(words) }})
{%- endmacro %}

{#- The name of a part of a sentence of a report, for what is to be found by it. -#}
{% macro sentence_key() -%}
    concat_ws('|', event_source, event_id, sentence, part)
{%- endmacro %}
