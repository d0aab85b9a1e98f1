"""The Parquet parts of one commit: files that no reader sees before it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from core.sql import list_of, quote
from ingest.log.columns import PARQUET, PARTITION
from ingest.log.event_log import EventLog

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


class Parts:
    """Writes the parts of the log's next commit."""

    def __init__(self, connection: DuckDBPyConnection, log: EventLog, *, run_at: datetime) -> None:
        self._connection = connection
        self._log = log
        self.run_at = run_at
        self._next = 0
        self.version = log.version + 1
        self.written: list[Path] = []
        self.rows: dict[Path, int] = {}

    @property
    def common(self) -> str:
        """SQL of the columns that every record of this commit has, before file and position."""
        return (
            f"{self.version}::bigint as commit_version,"
            f" {quote(self.run_at.isoformat())}::timestamptz as recorded_at"
        )

    def write(self, kind: str, query: str) -> Path | None:
        """Write the rows of a query as a part; None where it has none."""
        path = self._log.part_path(kind, self.version, self._next)
        self._connection.execute(f"copy ({query}) to {quote(path)} ({PARQUET})")
        copied = self._connection.fetchone()
        if copied is None or not copied[0]:
            path.unlink()
            return None
        self._next += 1
        self.written.append(path)
        self.rows[path] = copied[0]
        return path

    def of_kind(self, kind: str) -> list[Path]:
        """The parts that were written of a kind of record."""
        return [part for part in self.written if part.parent.name == f"{PARTITION}={kind}"]

    def discard(self) -> None:
        """Remove what was written: there will be no commit."""
        for part in self.written:
            part.unlink(missing_ok=True)

    def commit(self) -> int:
        """Commit what was written; returns the log's version."""
        return self._log.commit(self.written, run_at=self.run_at)


def rows_of(parts: Sequence[Path | str], *, options: str = "") -> str:
    """SQL of the rows of some parts."""
    return f"read_parquet({list_of(parts)}, hive_partitioning = false{options})"
