"""What of the log is set aside now, read back from the events that say so."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ingest.log.columns import no_records
from ingest.log.compacted import readable
from ingest.log.event_log import EventLog

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

PREFIX = "uk.gov.takeup.record."
"""With which types of events begin that set something aside, or restore it."""
TYPES = (f"{PREFIX}restored.v1", f"{PREFIX}set_aside.v1")


def load_set_asides(connection: DuckDBPyConnection, log: EventLog, *, into: str) -> None:
    """Temporary table `into`: one row per file or record that is set aside now.

    Of a file `content_hash` is given, of a record `source` and `id`; of both `role`, `reason` and
    `set_aside_at`, when that was recorded. Of what was said of one the last by its own time holds,
    as in the models.
    """
    paths = [
        file.path for file in readable(log, "event") if any(file.may_hold(one) for one in TYPES)
    ]
    events = no_records("event")
    if paths:
        events += (
            " union all by name select * from read_parquet("
            "$paths, union_by_name = true, hive_partitioning = false)"
        )
    names = ("content_hash", "source", "id", "role", "reason")
    given = ", ".join(f"json_extract_string(data, '$.{name}') as {name}" for name in names)
    connection.execute(
        f"""
        create or replace temp table {into} as
        with said as (
            select
                type, time, source as said_by, id as said_in, recorded_at as set_aside_at, {given}
            from ({events}) where starts_with(type, '{PREFIX}')
        )
        select content_hash, source, id, role, reason, set_aside_at
        from said
        qualify type = '{PREFIX}set_aside.v1' and row_number() over (
            partition by content_hash, source, id order by time desc, said_by desc, said_in desc
        ) = 1
        """,
        {"paths": paths} if paths else {},
    )


def count_set_asides(connection: DuckDBPyConnection, log: EventLog) -> dict[str, int]:
    """How many files and how many single records are set aside now; empty where none is."""
    load_set_asides(connection, log, into="set_asides")
    rows = connection.execute(
        "select case when content_hash is null then 'records' else 'files' end, count(*)"
        " from set_asides group by 1"
    ).fetchall()
    return dict(rows)
