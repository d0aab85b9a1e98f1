-- What the log says by itself, worked out without the models: the warehouse suites compare
-- the marts with it. Statements are run one by one.

-- One row per type of event, those that are set aside included.
create table log_types as
select
    type,
    count(*) as events_count,
    max(recorded_at) as last_recorded_at
from log_events
group by type;

-- One row per file or record that is set aside: of all that was said of it, the last by its time.
create table log_set_aside_targets as
with said as (
    select
        type = 'uk.gov.takeup.record.set_aside.v1' as is_set_aside,
        time,
        source as said_by,
        id as said_in,
        json_extract_string(data, ['$.content_hash', '$.source', '$.id']) as names
    from log_other_events
    where type in ('uk.gov.takeup.record.set_aside.v1', 'uk.gov.takeup.record.restored.v1')
)

select
    names[1] as content_hash,
    names[2] as source,
    names[3] as id
from said
qualify is_set_aside and row_number() over (
    partition by names
    order by time desc, said_by desc, said_in desc
) = 1;

-- One row per event that is set aside, by itself or with its file.
create table log_set_aside as
select
    events.source,
    events.id,
    events.type,
    coalesce(events.published_at, events.recorded_at) as known_at
from log_events as events
inner join log_set_aside_targets as targets on events.file_hash = targets.content_hash
where not starts_with(events.type, 'uk.gov.takeup.record.')
union
select
    events.source,
    events.id,
    events.type,
    coalesce(events.published_at, events.recorded_at) as known_at
from log_events as events
inner join log_set_aside_targets as targets
    on events.source = targets.source and events.id = targets.id
where targets.content_hash is null and not starts_with(events.type, 'uk.gov.takeup.record.');

-- The events that count, without those of files of transactions alone. Not an anti join: DuckDB may
-- turn that round, and then keeps all events in memory.
create view log_counting as
select *
from log_other_events
where (source, id) not in (select (source, id) from log_set_aside);

-- One row: the moment of the last run that recorded anything. Nothing later is known.
create table log_run as
select max(moments.recorded_at) as recorded_at
from (
    select last_recorded_at as recorded_at from log_types
    union all
    select recorded_at from log_files
    union all
    select recorded_at from log_retries
) as moments;

-- One row per type of event, with the events that count and are known by now: what is published
-- later is in no table yet.
create table log_counts as
with counted as (
    select
        type,
        1 as added_count,
        coalesce(published_at, recorded_at) as known_at
    from log_events
    union all
    select
        type,
        -1 as added_count,
        known_at
    from log_set_aside
)

select
    type,
    coalesce(sum(added_count) filter (known_at <= log_run.recorded_at), 0)::bigint as events_count
from counted
cross join log_run
group by type;

-- One row per reported count of a month or a quarter, blanks included, that is known by now.
create table log_volumes as
with volumes as (
    select
        source,
        coalesce(published_at, recorded_at) as known_at,
        service_id,
        json_extract_string(
            data,
            [
                '$.service_id',
                '$.breakdown',
                '$.measure',
                '$.period.kind',
                '$.period.start',
                '$.period.end',
                '$.count'
            ]
        ) as parts
    from log_counting
    where type = 'uk.gov.takeup.volume.reported.v1'
)

select
    source,
    known_at,
    coalesce(service_id, parts[1]) as service_id,
    parts[2] as breakdown,
    coalesce(parts[3], 'completed') as measure,
    parts[4] as period_kind,
    cast(parts[5] as date) as period_start,
    cast(parts[6] as date) as period_end,
    cast(parts[7] as bigint) as transactions_count
from volumes
where parts[4] in ('month', 'quarter')
    and known_at <= (select log_run.recorded_at from log_run);

-- One row per service, part, measure, quarter and value that the latest publication gave: two
-- rows for a cell mean that two publications of the same moment contradict each other.
create table log_cells as
with latest as (
    select *
    from log_volumes
    where breakdown in ('digital', 'total') and period_kind = 'quarter'
    qualify rank() over (
        partition by source, service_id, breakdown, measure, period_start, period_end
        order by known_at desc
    ) = 1
)

select distinct
    service_id,
    breakdown,
    measure,
    period_start,
    period_end,
    transactions_count
from latest;

-- One row per service, measure, quarter and channel: what was last reported of it, of the quarter
-- itself or else of its months.
create table log_channels as
with latest as (
    select *
    from log_volumes
    where breakdown not in ('digital', 'total', 'assisted_digital', 'non_digital')
    qualify row_number() over (
        partition by service_id, breakdown, measure, period_kind, period_start
        order by known_at desc, source desc
    ) = 1
)

select
    service_id,
    breakdown as channel,
    measure,
    cast(date_trunc('quarter', period_start) as date) as period_start,
    coalesce(
        sum(transactions_count) filter (period_kind = 'quarter'),
        sum(transactions_count) filter (period_kind = 'month')
    ) as transactions_count
from latest
group by all;

-- One row per service that a publication has listed.
create table log_services as
select distinct coalesce(service_id, json_extract_string(data, '$.service_id')) as service_id
from log_counting
where type = 'uk.gov.takeup.service.listed.v1'
    and coalesce(published_at, recorded_at) <= (select log_run.recorded_at from log_run);

-- One row per service and period that somebody signed off, with the sign-off that holds: of the
-- latest submission the last one given.
create table log_sign_offs as
with sign_offs as (
    select
        coalesce(published_at, recorded_at) as submitted_at,
        time as signed_off_at,
        service_id,
        json_extract_string(
            data, ['$.service_id', '$.period.kind', '$.period.start']
        ) as parts
    from log_counting
    where type = 'uk.gov.takeup.return.signed_off.v1'
        and greatest(coalesce(published_at, recorded_at), time)
        <= (select log_run.recorded_at from log_run)
)

select
    coalesce(service_id, parts[1]) as service_id,
    parts[2] as period_kind,
    cast(parts[3] as date) as period_start,
    signed_off_at
from sign_offs
qualify row_number() over (
    partition by coalesce(service_id, parts[1]), parts[2], parts[3]
    order by submitted_at desc, signed_off_at desc
) = 1;

-- One row per landed file (name and content): what the log says became of it last.
create table log_ledger as
select *
from log_files
qualify row_number() over (
    partition by name, file_hash
    order by commit_version desc, recorded_at desc
) = 1;

-- One row per content: the events that came of it.
create table log_accepted as
select
    file_hash,
    count(*) as events_count
from log_events
group by file_hash;

-- One row per event that speaks for a document that is in the log itself: it counts nowhere.
create table log_needless as
with said as (
    select
        source,
        id,
        json_extract_string(data, '$.document') as document,
        coalesce(json_extract_string(extensions, '$.digest') = 'true', false) as is_from_digest
    from log_counting
    where type in ('uk.gov.takeup.figure.published.v1', 'uk.gov.takeup.statement.published.v1')
)

select source, id
from said
where is_from_digest
    and document in (select known.document from said as known where not known.is_from_digest);

-- One row per report, of publications one in all: the figures that are known by now, a figure that a
-- corrected copy states again once. A report's are targets and outcomes.
create table log_claims as
with claims as (
    select
        source,
        id,
        json_extract_string(data, ['$.document', '$.figure_id', '$.claim_kind']) as parts
    from log_counting
    anti join log_needless using (source, id)
    where type = 'uk.gov.takeup.figure.published.v1'
        and coalesce(published_at, recorded_at) <= (select log_run.recorded_at from log_run)
)

select
    if(parts[3] is null, 'publications of volumes', parts[1]) as document,
    parts[3] is not null as is_of_report,
    count(distinct (source, coalesce(parts[2], id))) as figures_count
from claims
group by all;

-- One row per document, department, kind and year of what it committed to, did or planned, where the
-- document reports on a year or plans for one, with the sentences in it that promise something. Of a
-- corrected copy of a document the last counts.
create table log_statements as
with statements as (
    select
        json_extract_string(
            data, ['$.document', '$.department_id', '$.section_kind', '$.section_year', '$.statement_id']
        ) as parts,
        list_filter(
            json_extract(data, '$.sentences[*]'), said -> json_extract_string(said, '$.says') = 'promise'
        ) as promises,
        coalesce(published_at, recorded_at) as known_at
    from log_counting
    anti join log_needless using (source, id)
    where type = 'uk.gov.takeup.statement.published.v1'
        and coalesce(published_at, recorded_at) <= (select log_run.recorded_at from log_run)
    qualify row_number() over (
        partition by source, parts[5] order by known_at desc, commit_version desc, file_hash desc, id desc
    ) = 1
)

select
    parts[1] as document,
    case
        when regexp_matches(parts[1], '^action-\d+$') then parts[1] || '-undated'
        else regexp_replace(parts[1], '^(action-\d+)-\d\d\d\d(-\d\d)+$', '\1')
    end as report,
    parts[2] as department_id,
    parts[3] as section_kind,
    try_cast(parts[4] as bigint) as section_year,
    min(known_at) as known_at,
    parts[1] in (
        select known.parts[1]
        from statements as known
        where known.parts[3] in ('progress', 'plan')
            and known.parts[2] is not null
            and known.parts[4] is not null
    ) as is_of_a_year,
    flatten(list(promises)) as promises
from statements
where parts[3] in ('commitment', 'progress', 'plan') and parts[2] is not null
group by all
