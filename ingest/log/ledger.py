"""What became of every landed file, read back from the log."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from ingest.landing.landed import LandedFile
from ingest.log.compacted import readable
from ingest.log.event_log import EventLog

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


MENDED_ELSEWHERE = frozenset({"no_publication_time", "manifest_mismatch", "file_too_large"})
"""Reasons of rejected files that another manifest or setting may mend."""


@dataclass(frozen=True)
class Entry:
    """The terminal state of one landed file, by name and content hash."""

    state: str
    reason: str | None
    code_version: str


class Ledger:
    """States by (name, hash), and which contents were taken in."""

    def __init__(self, entries: dict[tuple[str, str], Entry]) -> None:
        self._entries = entries
        self.ingested = {
            content_hash: name
            for (name, content_hash), entry in entries.items()
            if entry.state == "ingested"
        }

    @classmethod
    def read(cls, connection: DuckDBPyConnection, log: EventLog | None) -> Ledger:
        """The ledger of a log; empty where there is none yet."""
        paths = [file.path for file in readable(log, "file")] if log is not None else []
        if not paths:
            return cls({})
        rows = connection.execute(
            """
            select name, file_hash, state, reason, code_version
            from read_parquet($paths, union_by_name = true, hive_partitioning = false)
            qualify row_number() over (
                partition by name, file_hash order by commit_version desc
            ) = 1
            """,
            {"paths": paths},
        ).fetchall()
        return cls({(name, digest): Entry(*rest) for name, digest, *rest in rows})

    @staticmethod
    def sources(connection: DuckDBPyConnection, log: EventLog) -> list[tuple[str, int, datetime]]:
        """Each kind of source with how many files were taken in of it, and when the last was."""
        paths = [file.path for file in readable(log, "file")]
        if not paths:
            return []
        return connection.execute(
            """
            select source_kind, count(distinct (name, file_hash)), max(recorded_at)
            from read_parquet($paths, union_by_name = true, hive_partitioning = false)
            where state = 'ingested'
            group by source_kind order by source_kind
            """,
            {"paths": paths},
        ).fetchall()

    def entry(self, file: LandedFile) -> Entry | None:
        """State of this file, None when it is new."""
        return self._entries.get((file.name, file.content_hash))

    def counts(self) -> dict[str, int]:
        """How many files are in each state."""
        found: dict[str, int] = {}
        for entry in self._entries.values():
            found[entry.state] = found.get(entry.state, 0) + 1
        return found

    def knows_name(self, name: str) -> bool:
        """Whether a file of this name was ever read."""
        return any(known == name for known, _ in self._entries)

    def name_of(self, content_hash: str) -> str | None:
        """The name under which these bytes were taken in; None where they were not."""
        return self.ingested.get(content_hash)

    def is_done(self, file: LandedFile, *, code_version: str) -> bool:
        """Whether nothing needs to be done with this file.

        A rejected file is tried again when the code that checked it has changed, and when
        what was wrong may have been mended in a manifest or in a setting. A second copy is
        done when the first is in the log: a run may die between their commits.
        """
        entry = self.entry(file)
        if entry is None:
            return False
        if entry.state == "duplicate_file":
            return self.name_of(file.content_hash) is not None
        if entry.state != "rejected":
            return True
        return entry.code_version == code_version and entry.reason not in MENDED_ELSEWHERE
