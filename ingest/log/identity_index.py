"""Which identities the log already holds: an index beside it, rebuilt whenever it is behind.

The log is the truth; this file only spares the reading of every `source` and `id` in it.
It holds a 64-bit hash of each accepted identity with the version of the log that brought it,
and the version that it covers.
A hit is a possible duplicate, which the log's own rows decide; a miss is certain.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from core.settings import Settings
from core.sql import quote
from ingest.log.compacted import readable
from ingest.log.event_log import EventLog

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

ATTACHED = "identity_index"
LAYOUT = 2


def identity_hash(source: str, identifier: str) -> str:
    """SQL of the hash of an identity."""
    return f"hash({source}, {identifier})"


def path_in(settings: Settings) -> Path:
    """The index of a home."""
    return settings.warehouse / "identities.duckdb"


def size_in(settings: Settings) -> int | None:
    """Bytes of a home's index on the disk; None where there is none yet."""
    path = path_in(settings)
    return path.stat().st_size if path.exists() else None


def attach(connection: DuckDBPyConnection, path: Path, log: EventLog) -> None:
    """Attach the index as `identity_index`, brought up to the log's version."""
    import duckdb

    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        connection.execute(f"attach {quote(path)} as {ATTACHED}")
        _prepare(connection)
    except duckdb.Error:
        # Left broken by a run that died, or written by another version: it is only an index.
        connection.execute(f"detach database if exists {ATTACHED}")
        for left in (path, path.with_name(path.name + ".wal")):
            left.unlink(missing_ok=True)
        connection.execute(f"attach {quote(path)} as {ATTACHED}")
        _prepare(connection)
    catch_up(connection, log)


def catch_up(connection: DuckDBPyConnection, log: EventLog) -> None:
    """Add what the log holds beyond the index; begin again when the index is ahead of it."""
    row = connection.execute(f"select version, head from {ATTACHED}.position").fetchone()
    version, head = row if row is not None else (-1, "")
    if version > log.version or (version >= 0 and log.commit_at(version).link != head):
        connection.execute(f"truncate {ATTACHED}.identities")
        version = -1
    if version == log.version:
        return
    paths = [file.path for file in readable(log, "event", after=version)]
    connection.execute("begin")
    if paths:
        connection.execute(
            f"insert into {ATTACHED}.identities"
            f" select {identity_hash('source', 'id')}, commit_version"
            " from read_parquet($paths, hive_partitioning = false) where commit_version > $version",
            {"paths": paths, "version": version},
        )
    _record_position(connection, log)
    connection.execute("commit")


def _record_position(connection: DuckDBPyConnection, log: EventLog) -> None:
    """The index covers the log up to its version."""
    connection.execute(f"delete from {ATTACHED}.position")
    connection.execute(
        f"insert into {ATTACHED}.position values (?, ?)",
        [log.version, log.commit_at(log.version).link or ""],
    )


def _prepare(connection: DuckDBPyConnection) -> None:
    """Tables as this code wants them: empty where other code, or another DuckDB, made them.

    The hash function may differ between versions of DuckDB.
    """
    version = connection.execute("select version()").fetchone()
    wanted = f"{version[0] if version else ''}, layout {LAYOUT}"
    connection.execute(f"create table if not exists {ATTACHED}.made_by (duckdb_version varchar)")
    stated = connection.execute(f"select duckdb_version from {ATTACHED}.made_by").fetchall()
    if stated == [(wanted,)]:
        return
    connection.execute(
        f"""
        create or replace table {ATTACHED}.identities
            (identity_hash ubigint, commit_version bigint);
        create or replace table {ATTACHED}.position (version bigint, head varchar);
        truncate {ATTACHED}.made_by
        """
    )
    connection.execute(f"insert into {ATTACHED}.made_by values (?)", [wanted])
