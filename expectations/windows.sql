-- The points of every series that a window is about, and what the latest is held against: run
-- after log_summary.sql, with the rules of windows.yml as `window_rules`.

-- The last day of each channel that has ended by the register.
create view ended_channels as
select
    service_id,
    channel,
    max(coalesce(valid_to, date '9999-12-31')) as last_day
from service_channels
where expectation = 'expected'
group by service_id, channel;

set variable first_moment_of_days = (select max(month_start) - interval 65 day from transaction_counts);

-- One row per service, channel and London day with transactions, of the last months that have any.
create table log_days as
with hours as (
    select
        service_id,
        channel,
        epoch_us(time) // 3600000000 as hour,
        count(*) as completed_count
    from log_events
    where type = 'uk.gov.takeup.transaction.completed.v1'
        and time >= cast(getvariable('first_moment_of_days') as timestamptz)
        and (source, id) not in (select (source, id) from log_set_aside)
    group by all
)

-- To ask for the day of each hour is enough, and of each event too slow.
select
    service_id,
    channel,
    timezone('Europe/London', to_timestamp(hour * 3600))::date as day,
    sum(completed_count)::bigint as completed_count
from hours
group by all;

-- Days that are over, those without a transaction too, from a channel's first in these months on.
create view days_of_a_channel as
with bounds as (
    select max(day) as over_on
    from log_days
    cross join log_run
    where day < timezone('Europe/London', log_run.recorded_at)::date
),

every_day as (
    select
        service_id,
        channel,
        unnest(generate_series(min(day), any_value(over_on), interval 1 day))::date as day
    from log_days
    cross join bounds
    group by service_id, channel
)

select
    concat_ws(' ', service_id, channel) as subject,
    day as began_on,
    isodow(day) as kind,
    coalesce(completed_count, 0) as value,
    day = (select over_on from bounds) and coalesce(day <= last_day, true) as is_latest
from every_day
left join log_days using (service_id, channel, day)
left join ended_channels using (service_id, channel);

-- Days between two days on which a channel's events came; the latest goes on until the last run.
create view silences_of_a_channel as
with came as (
    select distinct
        service_id,
        channel,
        timezone('Europe/London', known_at)::date as came_on
    from transaction_counts
),

ends as (
    select
        *,
        lead(came_on) over (partition by service_id, channel order by came_on) as next_on,
        (select timezone('Europe/London', recorded_at)::date from log_run) as run_on
    from came
)

select
    concat_ws(' ', service_id, channel) as subject,
    came_on as began_on,
    0 as kind,
    coalesce(next_on, run_on) - came_on as value,
    next_on is null and coalesce(run_on <= last_day, true) as is_latest
from ends
left join ended_channels using (service_id, channel);

create view quarters_of_a_service as
select
    concat_ws(' ', service_id, measure) as subject,
    period_start as began_on,
    quarter(period_start) as kind,
    any_value(total_count) as value,
    period_start = max(period_start) over () as is_latest
from take_up
where basis = 'reported' and period_kind = 'quarter' and total_count is not null
group by service_id, measure, period_start;

create view measured_services as
select
    concat_ws(' ', structure, definition_id) as subject,
    period_start as began_on,
    0 as kind,
    services_measured as value,
    period_start = max(period_start) over (partition by structure, definition_id) as is_latest
from department_take_up
where level = 'government' and period_kind = 'quarter' and scope = 'all';

create view window_points as
select 'days of a channel' as series, * from days_of_a_channel
union all
select 'silences of a channel', * from silences_of_a_channel
union all
select 'quarters of a service', * from quarters_of_a_service
union all
select 'measured services', * from measured_services;

create table windows as
with recent as (
    select rules.*, subject, began_on, kind, value, is_latest
    from window_points
    inner join window_rules as rules using (series)
    qualify row_number() over (
        partition by name, subject, kind order by is_latest desc, began_on desc
    ) <= points + 1
),

compared as (
    select
        name as window_name,
        subject,
        arg_max(began_on, is_latest) as began_on,
        max(value) filter (is_latest) as value,
        count(*) filter (not is_latest) as points_count,
        median(value) filter (not is_latest) as usual_value,
        any_value(least_points) as least_points,
        any_value(least_value) as least_value,
        any_value(lowest) * usual_value as at_least,
        any_value(highest) * usual_value as at_most
    from recent
    group by name, subject, kind
    having bool_or(is_latest)
)

select
    window_name,
    subject,
    began_on,
    value,
    points_count,
    usual_value,
    case
        when points_count < least_points then 'too_few'
        when greatest(value, usual_value) < least_value then 'too_small'
        when value < at_least then 'below'
        when value > at_most then 'above'
        else 'usual'
    end as comparison
from compared;
