"""`takeup trace`: from a figure back to the events behind it, with file and line."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from difflib import get_close_matches
from typing import Any

from core.errors import UsageError
from core.periods import parse_period
from core.settings import Settings

SHOWN_EVENTS = 20
SHOWN_NAMES = 5

# Of reported volumes the period has to lie within the one asked for; transactions have a moment.
_FOUND = """
    create temp table found as
    select events.*, files.name,
        coalesce(of_file.said, of_record.said) as set_aside,
    from read_parquet($events, union_by_name = true, hive_partitioning = false) as events
    left join (
        select file_hash, min(name) as name
        from read_parquet($files, union_by_name = true, hive_partitioning = false)
        where state = 'ingested'
        group by file_hash
    ) as files on events.file_hash = files.file_hash
    left join said as of_file on events.file_hash = of_file.content_hash
    left join said as of_record
        on events.source = of_record.source and events.id = of_record.id
    where service_id = $service and (
        case when type = 'uk.gov.takeup.volume.reported.v1'
            then json_extract_string(data, '$.period.start')::date >= $start
                and json_extract_string(data, '$.period.end')::date <= $end
            else type like 'uk.gov.takeup.transaction.%'
                and (time at time zone 'Europe/London')::date between $start and $end
        end
    )
"""
_SAID = """
    create temp table said as
    select *,
        'set aside on ' || strftime(set_aside_at, '%Y-%m-%d') || ' by ' || role || ': ' || reason
            as said,
    from set_asides
"""
_VOLUMES = """
    select
        json_extract_string(data, '$.breakdown') as breakdown,
        json_extract_string(data, '$.period.kind') as period_kind,
        json_extract_string(data, '$.period.start') as period_start,
        json_extract(data, '$.count')::bigint as count,
        json_extract_string(data, '$.status') as status,
        strftime(coalesce(published_at, recorded_at), '%Y-%m-%dT%H:%M:%SZ') as known_at,
        name as file, position, replace(place, chr(10), ' ') as place, source, id,
        commit_version, set_aside,
    from found
    where type = 'uk.gov.takeup.volume.reported.v1'
    order by known_at desc, breakdown, period_start
"""
_COUNTS = """
    select type, channel, assistance, set_aside, name as file, count(*) as count,
        min(position) as first_line, max(position) as last_line,
    from found where type <> 'uk.gov.takeup.volume.reported.v1'
    group by type, channel, assistance, set_aside, name
    order by file, type, channel, assistance, set_aside
"""
_FIRST_EVENTS = f"""
    select strftime(time, '%Y-%m-%dT%H:%M:%S.%fZ') as time, type, channel,
        assistance, transaction_id, name as file, position, source, id,
        commit_version, set_aside,
    from found where type <> 'uk.gov.takeup.volume.reported.v1'
    order by time, source, id limit {SHOWN_EVENTS}
"""
_NAMES = """
    select distinct service_id
    from read_parquet($events, union_by_name = true, hive_partitioning = false)
    where service_id is not null
    order by service_id
"""


def trace_of(settings: Settings, *, service_id: str, period: str) -> dict[str, Any]:
    """Events of the log behind a service's figures of a period.

    Reported volumes come whole, the newest first; of transaction events the counts per file
    and the first few.

    Raises:
        UsageError: the log has nothing of this service in this period.
    """
    from ingest.load.environment import connect
    from ingest.log.event_log import EventLog
    from ingest.log.set_asides import load_set_asides

    start, end = parse_period(period)
    log = EventLog.open(settings.log)
    events = [file.path for file in log.files("event")]
    files = [file.path for file in log.files("file")]
    asked = {"service": service_id, "start": start, "end": end}
    with connect(settings) as connection:
        load_set_asides(connection, log, into="set_asides")
        connection.execute(_SAID)
        connection.execute(_FOUND, {"events": events, "files": files, **asked})
        found = {
            "reported_volumes": _dicts(connection.execute(_VOLUMES)),
            "transaction_counts": _dicts(connection.execute(_COUNTS)),
            "first_events": _dicts(connection.execute(_FIRST_EVENTS)),
        }
        if not any(found.values()):
            known = connection.execute(_NAMES, {"events": events}).fetchall()
            raise UsageError(
                f"the log holds nothing of service {service_id!r} in {period}"
                + meant(service_id, [name for (name,) in known])
            )
    return {
        "service_id": service_id,
        "period_start": str(start),
        "period_end": str(end),
        "is_simulated": log.is_simulated,
        **found,
    }


def trace_lines(found: dict[str, Any]) -> Iterator[str]:
    """For a person."""
    mark = "SIMULATED  " if found["is_simulated"] else ""
    yield f"{mark}{found['service_id']}, {found['period_start']} to {found['period_end']}"
    for volume in found["reported_volumes"]:
        value = volume["status"] if volume["count"] is None else f"{volume['count']:,}"
        yield (
            f"  {volume['breakdown']:10} {volume['period_kind']} from {volume['period_start']}: "
            f"{value:>14}  known {volume['known_at']}  {volume['file']} row {volume['position']}, "
            f"column {volume['place']!r}{_aside(volume)}"
        )
    for row in found["transaction_counts"]:
        yield (
            f"  {row['count']:>12,} {row['type'].removeprefix('uk.gov.takeup.')} {row['channel']} "
            f"({row['assistance']})  {row['file']} lines {row['first_line']} to {row['last_line']}"
            f"{_aside(row)}"
        )


def _aside(row: dict[str, Any]) -> str:
    """That it counts nowhere, where that is so."""
    return "" if row["set_aside"] is None else f"  {row['set_aside']}"


def meant(service_id: str, known: Iterable[str]) -> str:
    """What to ask for instead of a service that is not among those that the log knows."""
    names = list(known)
    if service_id in names:
        return ""
    sought = service_id.casefold()
    near = [name for name in names if sought in name] or get_close_matches(
        sought, names, n=SHOWN_NAMES
    )
    return f"; is it {', '.join(near[:SHOWN_NAMES])}?" if near else ", nor in any other period"


def _dicts(cursor: Any) -> list[dict[str, Any]]:
    names = [column[0] for column in cursor.description]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
