"""What the tests of sources share: one run of ingest in a home of its own, and what came of it."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import duckdb
import pytest

from core.files import digest_file
from core.settings import SEEDS, Settings
from ingest.landing import landed as landing
from ingest.landing.inspection import SourceFile, inspect
from ingest.landing.landed import LandedFile
from ingest.load import run as ingestion
from ingest.load.file_outcomes import FileOutcome, IngestResult
from ingest.load.recognition import all_sources
from ingest.load.run import ingest
from ingest.refusals import FileRejected
from ingest.sources.base import Context, Source

RUN_AT = datetime(2016, 1, 1, 12, tzinfo=UTC)
CONTEXT = Context(published_at=None, seeds=SEEDS)
TRANSACTION = {
    "service_id": "dwp-carers-allowance-new-claims",
    "channel": "online",
    "assistance": "none",
    "outcome": "intended",
    "transaction_id": "t-1",
}


def event(**changes: Any) -> dict[str, Any]:
    """A completed transaction; None leaves a member out."""
    whole = {
        "specversion": "1.0",
        "id": "e-1",
        "source": "urn:test",
        "type": "uk.gov.takeup.transaction.completed.v1",
        "time": "2015-05-06T10:11:12.123456Z",
        "datacontenttype": "application/json",
        "data": TRANSACTION,
    } | changes
    return {name: value for name, value in whole.items() if value is not None}


def source_file(path: Path) -> SourceFile:
    """A file as its source sees it."""
    landed = LandedFile(path.name, path, path.stat().st_size, digest_file(path))
    return inspect(landed)


def source_of(path: Path) -> str:
    """Name of the source that takes a file; `reason` in brackets where none does."""
    try:
        file = source_file(path)
    except FileRejected as rejected:
        return f"({rejected.reason})"
    return next((one.name for one in all_sources() if one.recognise(file)), "(unrecognised)")


def refused_whole(source: Source, path: Path) -> tuple[str, str]:
    """Reason and detail with which a source refuses a file."""
    with pytest.raises(FileRejected) as caught:
        for _ in source.read(source_file(path), CONTEXT):
            pass
    return caught.value.reason, caught.value.detail


def records(source: Source, path: Path, context: Context = CONTEXT) -> list[dict[str, Any]]:
    """Records of a file, with the events' JSON opened."""
    found = [row for table in source.read(source_file(path), context) for row in table.to_pylist()]
    for row in found:
        row["line"] = json.loads(row["line"]) if row["line"] is not None else None
    return found


@dataclass(frozen=True)
class Run:
    """One run of ingest."""

    settings: Settings
    result: IngestResult

    def outcome(self, name: str) -> FileOutcome:
        return next(file for file in self.result.files if file.name == name)

    def rows(self, kind: str) -> list[dict[str, Any]]:
        """Everything that the log holds of a kind, by file and position."""
        parts = sorted(str(path) for path in self.settings.log.glob(f"record_kind={kind}/*"))
        if not parts:
            return []
        with duckdb.connect() as connection:
            connection.execute("set timezone = 'UTC'")
            found = connection.execute(
                "select * from read_parquet($parts, union_by_name = true,"
                " hive_partitioning = false) order by file_hash, position, place",
                {"parts": parts},
            )
            return list(found.to_arrow_table().to_pylist())

    def events(self) -> list[dict[str, Any]]:
        return self.rows("event")

    def refusals(self) -> list[tuple[int, str | None, str]]:
        """Position, place and reason of what stands in quarantine."""
        return [(row["position"], row["place"], row["reason"]) for row in self.rows("quarantine")]


def run(home: Path, landing_folder: Path, *, at: datetime = RUN_AT) -> Run:
    """Ingest a folder without waiting, and hold every count against the log."""
    settings = Settings.load(home)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ingestion, "scan", partial(landing.scan, pause=0))
        done = Run(settings, ingest(settings, [landing_folder], run_at=at))
    if done.result.commits:
        _check_ledger(done)
    return done


def _check_ledger(done: Run) -> None:
    """Read = accepted + duplicate + quarantined, of every file, and the log holds just those."""
    kinds = {"accepted_count": "event", "duplicate_count": "duplicate"}
    kinds["quarantined_count"] = "quarantine"
    in_log = {
        name: Counter(row["file_hash"] for row in done.rows(kind)) for name, kind in kinds.items()
    }
    for file in done.rows("file"):
        assert file["read_count"] == sum(file[name] for name in kinds)
        if file["state"] != "ingested":
            assert file["read_count"] == 0
            continue
        held = {name: counts[file["file_hash"]] for name, counts in in_log.items()}
        assert held == {name: file[name] for name in kinds}


def lay(folder: Path, files: Mapping[str, str | bytes]) -> Path:
    """Write files below a folder."""
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
    return folder
