"""What a build tells dbt's models of the event log, as tables of the staging file: which files they
read, and which commits hold what new events name."""

from __future__ import annotations

from pathlib import Path

from core.settings import Settings
from core.sql import connect
from ingest.load import environment
from ingest.log import identity_index
from ingest.log.compacted import readable
from ingest.log.event_log import EventLog
from ingest.log.named_events import commits_of_named


def list_log_files(staging_file: Path, log: EventLog | None, *, compacted: bool = True) -> None:
    """Table `internal.log_files`: the Parquet files that the models read, by their paths below the
    log's folder (the home may be moved), and what each states to hold. None of an empty log.

    Args:
        compacted: list compacted files in the place of those that they were made of.
    """
    import pyarrow as pa

    moment = pa.timestamp("us", "UTC")
    columns = pa.schema(
        {
            "record_kind": pa.string(),
            "path": pa.string(),
            "commit_version": pa.int64(),
            "first_type": pa.string(),
            "last_type": pa.string(),
            "first_time": moment,
            "last_time": moment,
            "first_commit": pa.int64(),
            "last_commit": pa.int64(),
        }
    )
    rows = []
    if log is not None:
        files = readable(log) if compacted else log.files()
        rows = [{**vars(file), "path": log.below(file)} for file in files]
    with connect(staging_file) as connection:
        connection.register("listed", pa.Table.from_pylist(rows, columns))
        connection.execute("create schema if not exists internal")
        connection.execute("create or replace table internal.log_files as select * from listed")


def list_named_commits(settings: Settings, log: EventLog, *, held: int) -> None:
    """Table `internal.named_commits`: the commits that may hold what the events of after version
    `held` name. All of them for a warehouse that holds nothing: everything is read for it anyway.
    """
    commits = range(log.version + 1) if held < 0 else _commits_of_named(settings, log, held)
    with connect(settings.staging_file) as connection:
        connection.execute(
            "create or replace table internal.named_commits as"
            " select unnest($commits::bigint[]) as commit_version",
            {"commits": sorted(commits)},
        )


def _commits_of_named(settings: Settings, log: EventLog, held: int) -> set[int]:
    with environment.connect(settings) as connection:
        identity_index.attach(connection, identity_index.path_in(settings), log)
        found = commits_of_named(connection, log, after=held)
        connection.execute(f"detach {identity_index.ATTACHED}")
    return found
