"""Which commits hold the events that later events name: corrections, voids, set-asides.

The identity index knows, so that nobody searches the log for them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.sql import list_of
from ingest.log.columns import no_records
from ingest.log.compacted import readable
from ingest.log.event_log import EventLog
from ingest.log.identity_index import ATTACHED, identity_hash
from ingest.log.set_asides import PREFIX

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

NAMED = "named_events"


def commits_of_named(connection: DuckDBPyConnection, log: EventLog, *, after: int) -> set[int]:
    """Versions of the log whose commits may hold what events of after a version name.

    Args:
        connection: one with the identity index attached, brought up to the log's version.
    """
    paths = [file.path for file in log.files("event", after=after)]
    if not paths:
        return set()
    _load_named(connection, paths)
    rows = connection.execute(
        f"""
        select distinct commit_version
        from {ATTACHED}.identities
        where identity_hash in (select {identity_hash("source", "id")} from {NAMED})
        """
    ).fetchall()
    return {version for (version,) in rows} | _commits_of_files(connection, log)


def _load_named(connection: DuckDBPyConnection, paths: list[str]) -> None:
    """Table `NAMED`: what the events of some parts name, by source and id or by a file's hash."""
    said = ", ".join(
        f"json_extract_string(data, '$.{name}')" for name in ("source", "id", "content_hash")
    )
    connection.execute(
        f"""
        create or replace temp table {NAMED} as
        with events as (
            {no_records("event")} union all by name
            select * from read_parquet(
                {list_of(paths)}, union_by_name = true, hive_partitioning = false
            )
        )
        select target_source as source, target_id as id, null::varchar as content_hash
        from events where target_id is not null
        union
        select {said} from events where starts_with(type, '{PREFIX}')
        """
    )


def _commits_of_files(connection: DuckDBPyConnection, log: EventLog) -> set[int]:
    """Versions that brought records of the named files: when each was read, and when what was
    quarantined of it was tried again."""
    hashes = f"select content_hash from {NAMED} where content_hash is not null"
    if connection.execute(f"{hashes} limit 1").fetchone() is None:
        return set()
    paths = [file.path for kind in ("file", "retry") for file in readable(log, kind)]
    rows = connection.execute(
        "select distinct commit_version"
        f" from read_parquet({list_of(paths)}, union_by_name = true, hive_partitioning = false)"
        f" where file_hash in ({hashes})"
    ).fetchall()
    return {version for (version,) in rows}
