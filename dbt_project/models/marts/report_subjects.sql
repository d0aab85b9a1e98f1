{#- What claims and promises of reports are about that is not a service: the programmes and platforms of the
    register of services, places, and what no register knows. -#}
{%- set text = dbt.type_string() -%}
with

registered as (
    select
        service_id as subject_id,
        service_name as subject_name,
        kind,
        department_id,
        cast(null as {{ text }}) as body,
        source
    from {{ ref('services') }}
    where kind <> 'service'
    union all
    select
        place_id as subject_id,
        min(place_name) as subject_name,
        'place' as kind,
        cast(null as {{ text }}) as department_id,
        min(body) as body,
        {{ joined_texts('source', '; ') }} as source
    from {{ ref('places') }}
    group by place_id
),

named as (
    select
        subject_id,
        subject as words,
        'unregistered' as kind,
        department_id,
        document,
        1 as claims_count,
        0 as promises_count
    from {{ ref('published_figures') }}
    where subject_id is not null and service_id is null
    union all
    select
        subject_id,
        place as words,
        case when place is null then 'unregistered' else 'place' end as kind,
        department_id,
        document,
        0 as claims_count,
        1 as promises_count
    from {{ ref('promises') }}
    where subject_id is not null and service_id is null
),

subjects as (
    select
        subject_id,
        min(words) as words,
        min(kind) as kind,
        min(department_id) as department_id,
        min(document) as document,
        sum(claims_count) as claims_count,
        sum(promises_count) as promises_count
    from named
    group by subject_id
)

select
    subjects.subject_id,
    coalesce(registered.subject_name, subjects.words, subjects.subject_id) as subject_name,
    coalesce(registered.kind, subjects.kind) as kind,
    case
        when registered.subject_id is not null then registered.department_id
        when subjects.kind <> 'place' then subjects.department_id
    end as department_id,
    registered.body,
    coalesce(registered.source, subjects.document) as source,
    cast(subjects.claims_count as bigint) as claims_count,
    cast(subjects.promises_count as bigint) as promises_count,
    {{ is_simulated() }} as is_simulated
from subjects
left join registered on subjects.subject_id = registered.subject_id
order by subjects.subject_id
