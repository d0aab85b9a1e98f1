"""What became of landed files: for whoever asked, and as rows of the log's ledger."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ingest.landing.landed import LandedFile
from ingest.load.parts import Parts
from ingest.log.columns import columns_of
from ingest.refusals import FileRejected

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


@dataclass(frozen=True)
class FileOutcome:
    """What became of one landed file in this run."""

    name: str
    source_kind: str | None
    state: str
    reason: str | None = None
    detail: str | None = None
    read: int = 0
    accepted: int = 0
    duplicate: int = 0
    quarantined: int = 0
    flags: tuple[str, ...] = ()

    @classmethod
    def of_rejected(cls, file: LandedFile, rejected: FileRejected) -> FileOutcome:
        """A file that was refused whole."""
        return cls(file.name, None, "rejected", reason=rejected.reason, detail=rejected.detail)

    @classmethod
    def of_copy(cls, file: LandedFile, first: str) -> FileOutcome:
        """A file whose bytes are in the log already, under the name `first`."""
        return cls(file.name, None, "duplicate_file", reason=f"same as {first}")


Outcomes = list[tuple[LandedFile, FileOutcome]]


@dataclass
class IngestResult:
    """What one run of ingest did. `commits` is empty when there was nothing new.

    `waits_for` has the reasons of those in `waiting` that are not just still being written.
    """

    commits: list[int] = field(default_factory=list)
    files: list[FileOutcome] = field(default_factory=list)
    known: int = 0
    waiting: list[str] = field(default_factory=list)
    waits_for: dict[str, str] = field(default_factory=dict)
    refused: list[tuple[str, str]] = field(default_factory=list)

    def total(self, name: str) -> int:
        """Sum of a count over the files of this run."""
        return sum(getattr(file, name) for file in self.files)

    def facts(self) -> dict[str, Any]:
        """Counts of this run, fit for JSON."""
        return {
            "files": len(self.files),
            "files_known": self.known,
            "rejected": sum(file.state == "rejected" for file in self.files),
            "waiting": len(self.waiting),
            "read": self.total("read"),
            "accepted": self.total("accepted"),
            "duplicates": self.total("duplicate"),
            "quarantined": self.total("quarantined"),
            "commits": len(self.commits),
        }


def write_ledger(
    connection: DuckDBPyConnection,
    parts: Parts,
    outcomes: Sequence[tuple[LandedFile, FileOutcome]],
    *,
    code_version: str,
) -> None:
    """Write the ledger's rows of these files as a part of the commit."""
    import pyarrow as pa

    kinds = columns_of("file")
    rows = [
        {
            "file_hash": file.content_hash,
            "position": None,
            "place": None,
            "name": outcome.name,
            "source_kind": outcome.source_kind,
            "state": outcome.state,
            "reason": outcome.reason,
            "detail": outcome.detail,
            "read_count": outcome.read,
            "accepted_count": outcome.accepted,
            "duplicate_count": outcome.duplicate,
            "quarantined_count": outcome.quarantined,
            "size_bytes": file.size_bytes,
            "flags": json.dumps(outcome.flags),
            "code_version": code_version,
        }
        for file, outcome in outcomes
    ]
    schema = pa.schema([(name, kinds[name]) for name in rows[0]])
    connection.register("ledger_rows", pa.Table.from_pylist(rows, schema=schema))
    parts.write("file", f"select {parts.common}, * from ledger_rows")
    connection.unregister("ledger_rows")
