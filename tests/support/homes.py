"""A home to try faults on: land bytes, ingest with a fixed clock, read the log back."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache, partial
from pathlib import Path
from typing import Any
from unittest.mock import patch

import duckdb

from core.settings import Settings
from ingest.landing.landed import scan
from ingest.load import environment
from ingest.load import run as ingestion
from ingest.load.file_outcomes import IngestResult
from ingest.load.retry import RetryResult, retry
from ingest.log.event_log import EventLog
from ingest.log.quarantine import QuarantinedRecord, open_records
from tests.support.events import Event, lines

RUN_AT = datetime(2015, 8, 1, 2, tzinfo=UTC)
"""The clock of every run here, unless a test says otherwise."""

Row = dict[str, Any]


@cache
def reader() -> duckdb.DuckDBPyConnection:
    """One database in memory for all that is read: to open one takes longer than to read a log."""
    connection = duckdb.connect()
    connection.execute("set global timezone = 'UTC'")
    return connection


def rows_of(paths: Sequence[str]) -> list[Row]:
    """All rows of some files of the log, in the order of commits, files and positions."""
    with reader().cursor() as cursor:
        cursor.execute(
            "select *"
            " from read_parquet($paths, union_by_name = true, hive_partitioning = false)"
            " order by commit_version, file_hash, position, place nulls first",
            {"paths": list(paths)},
        )
        names = [column[0] for column in cursor.description or ()]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


@dataclass
class Home:
    """One home under a folder of the test."""

    settings: Settings
    landed: list[tuple[str, bytes]] = field(default_factory=list)
    rows_read: dict[tuple[tuple[str, int], ...], list[Row]] = field(default_factory=dict)

    @classmethod
    def at(cls, folder: Path, **settings: Any) -> Home:
        """A home in a folder, with settings other than the default."""
        home = cls(Settings(home=folder, **settings))
        home.settings.landing.mkdir(parents=True, exist_ok=True)
        return home

    def copied(self, folder: Path) -> Home:
        """A copy, of a home that is made once for many tests."""
        shutil.copytree(self.settings.home, folder)
        return Home(self.settings.model_copy(update={"home": folder}), list(self.landed))

    def land(self, name: str, content: bytes) -> Path:
        """Put a file into the landing folder."""
        path = self.settings.landing / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        self.landed.append((name, content))
        return path

    def land_events(self, name: str, *records: Event | str | bytes) -> Path:
        """Put JSON lines into the landing folder."""
        return self.land(name, lines(*records))

    def ingest(
        self,
        *,
        run_at: datetime = RUN_AT,
        source: str | None = None,
        published_at: datetime | None = None,
    ) -> IngestResult:
        """Take the landing folder in, without the second between two looks."""
        with patch.object(ingestion, "scan", partial(scan, pause=0)):
            return ingestion.ingest(
                self.settings,
                [self.settings.landing],
                run_at=run_at,
                source=source,
                published_at=published_at,
            )

    def retry(self, *, days: int = 1, reason: str | None = None) -> RetryResult:
        """Try the quarantine again, some days after the usual run."""
        with environment.connect(self.settings) as connection:
            return retry(
                connection, self.settings, run_at=RUN_AT + timedelta(days=days), reason=reason
            )

    def open_records(self) -> list[QuarantinedRecord]:
        """What is in quarantine now."""
        with environment.connect(self.settings) as connection:
            return open_records(connection, self.log())

    def log(self) -> EventLog:
        """The log as it is now."""
        return EventLog.open(self.settings.log)

    def rows(self, kind: str) -> list[Row]:
        """All rows of a kind of record, in the order of commits, files and positions."""
        if not EventLog.exists(self.settings.log):
            return []
        paths = tuple(file.path for file in self.log().files(kind))
        if not paths:
            return []
        # Checks ask for the same rows many times; a file that was touched is another file.
        read = tuple((path, Path(path).stat().st_mtime_ns) for path in paths)
        if read not in self.rows_read:
            self.rows_read[read] = rows_of(paths)
        return [dict(row) for row in self.rows_read[read]]

    def outcomes(self, file_hash: str | None = None) -> dict[int, tuple[str, Row]]:
        """What became of each record of a file (of the only one), by its position."""
        hashes = {row["file_hash"] for row in self.rows("file") if row["state"] == "ingested"}
        if file_hash is None:
            (file_hash,) = hashes
        found: dict[int, tuple[str, Row]] = {}
        for kind in ("event", "duplicate", "quarantine"):
            for row in self.rows(kind):
                if row["file_hash"] == file_hash:
                    assert row["position"] not in found, f"position {row['position']} appears twice"
                    found[row["position"]] = kind, row
        return found

    def ledger(self) -> dict[str, Row]:
        """The latest row of each file name."""
        return {row["name"]: row for row in self.rows("file")}
