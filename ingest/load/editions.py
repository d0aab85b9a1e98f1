"""Copies of a publication that only a day in their name dates: the same edition as that day's.

A day alone would stand for its first moment, and every figure of a renamed copy would be another
event than the one that is recorded.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from core.periods import REPORTING_ZONE
from ingest.load.parts import rows_of
from ingest.load.ready import ReadyFile
from ingest.log.compacted import readable
from ingest.log.event_log import EventLog

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

LONGEST_DAY = timedelta(hours=25)


def at_known_moments(
    connection: DuckDBPyConnection, log: EventLog | None, files: Sequence[ReadyFile]
) -> list[ReadyFile]:
    """The files, those that only a day in their name dates with the moment of that day's edition,
    where the log knows one, or a file beside them with a better date."""
    return [
        replace(ready, published_at=_moment(connection, log, ready, ready.published_at, files))
        if ready.edition_of is not None and ready.published_at is not None
        else ready
        for ready in files
    ]


def _moment(
    connection: DuckDBPyConnection,
    log: EventLog | None,
    ready: ReadyFile,
    day: datetime,
    files: Sequence[ReadyFile],
) -> datetime:
    """The one moment of this day's edition; the day's first where none or several are known."""
    moments = {
        file.published_at
        for file in files
        if file.source is ready.source and file.edition_of is None and file.published_at is not None
    }
    if log is not None:
        moments |= _recorded(connection, log, source=str(ready.edition_of), since=day)
    known = {moment for moment in moments if _london_day(moment) == _london_day(day)}
    return known.pop() if len(known) == 1 else day


def _recorded(
    connection: DuckDBPyConnection, log: EventLog, *, source: str, since: datetime
) -> set[datetime]:
    parts = [file.path for file in readable(log, "event")]
    if not parts:
        return set()
    rows = connection.execute(
        f"""
        select distinct published_at from {rows_of(parts, options=", union_by_name = true")}
        where source = $source and published_at >= $since and published_at < $until
        """,
        {"source": source, "since": since, "until": since + LONGEST_DAY},
    ).fetchall()
    return {moment for (moment,) in rows}


def _london_day(moment: datetime) -> str:
    return moment.astimezone(REPORTING_ZONE).date().isoformat()
