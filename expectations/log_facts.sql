-- What the log and the registers say by themselves, worked out without the models: the
-- warehouse suites compare the marts with it. Statements are run one by one.

create table log_counts as
select
    type,
    count(*) as events_count,
    max(recorded_at) as last_recorded_at
from log_events
group by type;
