-- What publications in the log say. Reads the table `log_events` (the events of all sources that
-- list services) and makes `publications`, `cells` (a row a change) and, one row a publication,
-- `listed` and `figures`. What a publication says in sentences stays out: descriptions, and notes
-- but ours.

create temp table told as
select
    *,
    coalesce(extensions ->> '$.digest' = 'true', false) as is_digest,
    data ->> '$.period.kind' as period_kind,
    data ->> '$.period.start' as period_start,
    data ->> '$.period.end' as period_end,
from log_events
where published_at is not null and service_id is not null;

create temp table publications as
select
    source,
    published_at,
    min(data ->> '$.document') as document,
    row_number() over (partition by source order by published_at) as number,
    strftime(timezone('Europe/London', published_at), '%Y-%m-%d') as day,
    case
        when count(*) over (partition by day) > 1
            then strftime(published_at, '%Y-%m-%dT%H:%M:%SZ')
        else day
    end as publication,
from told
group by source, published_at;

create temp table cells as
with said as (
    select
        told.source, publications.number, publication, service_id, period_kind, period_start,
        period_end,
        data ->> '$.breakdown' as breakdown,
        data ->> '$.measure' as measure,
        coalesce(
            (data ->> '$.count') || coalesce(' (' || left(data ->> '$.marker', 1) || ')', ''),
            data ->> '$.text'
        ) as count,
        data ->> '$.status' as status,
    from told
    inner join publications using (source, published_at)
    where type = 'uk.gov.takeup.volume.reported.v1'
),

changes as (
    select * from said
    qualify
        lag((count, status)) over (
            partition by
                source, service_id, breakdown, measure, period_kind, period_start, period_end
            order by number
        ) is distinct from (count, status)
)

select
    service_id, breakdown, measure, period_kind, period_start, period_end, count, status,
    publication,
from changes
order by source, service_id, breakdown, measure, period_kind, period_start, number;

create temp table listed as
select
    told.source, publications.number, publication, service_id,
    data ->> '$.service_name' as service_name,
    data ->> '$.department_name' as department_name,
    data ->> '$.department_abbreviation' as department_abbreviation,
    data ->> '$.organisation_name' as organisation_name,
    data ->> '$.organisation_abbreviation' as organisation_abbreviation,
    data ->> '$.customer_type' as customer_type,
    data ->> '$.business_model' as business_model,
    data ->> '$.category' as category,
    data ->> '$.previous_department_name' as previous_department_name,
    data ->> '$.previous_organisation_name' as previous_organisation_name,
    max(case when is_digest then data ->> '$.other_notes' end)
        over (partition by told.source, service_id, told.published_at)
    as notes,
from told
inner join publications using (source, published_at)
where type = 'uk.gov.takeup.service.listed.v1'
qualify
    row_number() over (
        partition by told.source, service_id, told.published_at order by is_digest
    ) = 1;

create temp table figures as
select
    told.source, publications.number, publication, service_id, period_kind, period_start,
    period_end,
    data ->> '$.metric' as metric,
    data ->> '$.unit' as unit,
    coalesce(data ->> '$.text', data ->> '$.value') as value,
    data ->> '$.place' as place,
from told
inner join publications using (source, published_at)
where type = 'uk.gov.takeup.figure.published.v1';
