"""Ingest: from landed files to commits of the log, one atomic commit per batch of whole files."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core import sql
from core.errors import IntegrityError, UsageError
from core.settings import PROJECT_ROOT, Settings
from core.version import code_version
from ingest.landing.inspection import SourceFile, inspect
from ingest.landing.landed import LandedFile, look_at
from ingest.load.batch import FULL_LANE_BYTES, OUTCOMES, Batch
from ingest.load.prefetch import prefetched
from ingest.load.recognition import recognise
from ingest.log import identity_index
from ingest.log.columns import columns_of
from ingest.log.event_log import EventLog
from ingest.log.ledger import Ledger
from ingest.refusals import FileRejected
from ingest.sources import Context, Source
from ingest.validation.full_check import Rules
from ingest.validation.masking import masking_key
from ingest.validation.vocabulary import Vocabulary

if TYPE_CHECKING:
    import pyarrow as pa
    from duckdb import DuckDBPyConnection

SEEDS = PROJECT_ROOT / "seeds"
CHUNK_BYTES = 128 * 1024 * 1024
FAST_SOURCES = frozenset({"cloudevents", "event_tables"})
"""Other sources come in smaller chunks: all of their records take the full lane."""
CHUNK_FILES = 20_000


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


@dataclass
class IngestResult:
    """What one run of ingest did. `commits` is empty when there was nothing new."""

    commits: list[int] = field(default_factory=list)
    files: list[FileOutcome] = field(default_factory=list)
    settled: int = 0
    waiting: list[str] = field(default_factory=list)
    refused: list[tuple[str, str]] = field(default_factory=list)

    def total(self, name: str) -> int:
        """Sum of a count over the files of this run."""
        return sum(getattr(file, name) for file in self.files)

    def facts(self) -> dict[str, Any]:
        """Counts of this run, fit for JSON."""
        return {
            "files": len(self.files),
            "files_known": self.settled,
            "rejected": sum(file.state == "rejected" for file in self.files),
            "waiting": len(self.waiting),
            "read": self.total("read"),
            "accepted": self.total("accepted"),
            "duplicates": self.total("duplicate"),
            "quarantined": self.total("quarantined"),
            "commits": len(self.commits),
        }


@dataclass
class _Ready:
    """A file that can be read: what was found out about it before its records are judged."""

    landed: LandedFile
    file: SourceFile
    source: Source
    published_at: datetime | None
    flags: list[str]


class _GivenUp(Exception):
    """A source refused a file after some of its records had been read."""

    def __init__(self, found: _Ready, outcome: FileOutcome) -> None:
        super().__init__(found.landed.name)
        self.found = found
        self.outcome = outcome


class _Changed(Exception):
    """Files were written to while they were read."""

    def __init__(self, files: list[_Ready]) -> None:
        super().__init__(", ".join(found.landed.name for found in files))
        self.files = files


def ingest(
    settings: Settings,
    paths: Iterable[Path],
    *,
    run_at: datetime,
    source: str | None = None,
    published_at: datetime | None = None,
) -> IngestResult:
    """Take what is new under `paths` into the home's log.

    Args:
        paths: landing folder, or files and folders.
        run_at: the run's moment: recorded with every record, and the clock of all rules.
        source: name of the source, instead of recognising it by content.
        published_at: publication time of files that no manifest names.

    Raises:
        UsageError: a path does not exist, or real and simulated input meet.
        IntegrityError: the log can't be read, or records went missing on the way.
    """
    roots = list(paths)
    missing = next((root for root in roots if not root.exists()), None)
    if missing is not None:
        raise UsageError(f"no such file or folder: {missing}")
    with ThreadPoolExecutor(max_workers=1) as aside, connect(settings) as connection:
        # A new file is watched for a second: time to load what a run needs.
        looking = aside.submit(look_at, roots, index=settings.warehouse / "landing_index.json")
        _load_libraries()
        log = EventLog.open(settings.log) if EventLog.exists(settings.log) else None
        ledger = Ledger.read(connection, log)
        landing = looking.result()
        result = IngestResult(waiting=landing.waiting, refused=landing.refused)
        fresh = [f for f in landing.files if not ledger.is_settled(f, code_version=code_version())]
        result.settled = len(landing.files) - len(fresh)
        if not fresh:
            return result
        run = _Run(
            connection,
            settings,
            ledger,
            result,
            run_at=run_at,
            source=source,
            published_at=published_at,
        )
        run.take(fresh, log)
    return result


def _load_libraries() -> None:
    """Import what every batch needs and no other command should wait for."""
    import deltalake  # noqa: F401
    import numpy as np  # noqa: F401
    import pyarrow as pa  # noqa: F401

    from ingest.load.recognition import all_sources

    all_sources()


def connect(settings: Settings) -> DuckDBPyConnection:
    """A DuckDB connection in memory with the home's limits, in UTC."""
    spill = settings.warehouse / "spill"
    spill.mkdir(parents=True, exist_ok=True)
    return sql.connect(
        memory_limit=settings.memory_limit,
        threads=settings.threads,
        spill_to=spill,
        preserve_insertion_order=False,
    )


def is_simulated(file: SourceFile, source: Source) -> bool | None:
    """Whether a file says that it is simulated; None when it holds nothing that could say so."""
    marks = getattr(source, "marks_simulated", None)
    return marks(file) if marks is not None else None


class _Run:
    """One run of ingest over the files that are new."""

    def __init__(
        self,
        connection: DuckDBPyConnection,
        settings: Settings,
        ledger: Ledger,
        result: IngestResult,
        *,
        run_at: datetime,
        source: str | None,
        published_at: datetime | None,
    ) -> None:
        self._connection = connection
        self._settings = settings
        self._ledger = ledger
        self._result = result
        self._run_at = run_at
        self._source = source
        self._published_at = published_at

    def take(self, fresh: list[LandedFile], log: EventLog | None) -> None:
        """Judge the files, then their records, batch by batch."""
        ready: list[_Ready] = []
        unread: list[tuple[LandedFile, FileOutcome]] = []
        taken: dict[str, str] = {}
        for file in fresh:
            first = self._ledger.name_of(file.content_hash) or taken.get(file.content_hash)
            if first is not None:
                copy = FileOutcome(file.name, None, "duplicate_file", reason=f"same as {first}")
                unread.append((file, copy))
                continue
            try:
                found = self._prepare(file)
            except FileRejected as rejected:
                unread.append((file, self._rejected(file, rejected)))
                continue
            ready.append(found)
            taken[file.content_hash] = file.name
        log = self._agreed_log(ready, log)
        unread = [(file, outcome) for file, outcome in unread if not self._is_known(file, outcome)]
        if log is None:
            self._result.files.extend(outcome for _, outcome in unread)
            return
        log.remove_uncommitted()
        identity_index.attach(self._connection, self._settings.warehouse / "identities.duckdb", log)
        batches = list(_batches(ready, limit=self._settings.batch_bytes))
        for number, files in enumerate(batches):
            self._commit_batch(files, unread if number == 0 else [], log)
        if not batches and unread:
            self._commit_batch([], unread, log)
        self._connection.execute(f"detach {identity_index.ATTACHED}")

    def _prepare(self, file: LandedFile) -> _Ready:
        from ingest.sources import manifest, published_volumes

        inspected = inspect(file)
        source = recognise(inspected, forced=self._source)
        warn = getattr(source, "flags", None)
        flags = list(warn(inspected)) if warn is not None else []
        moment = None
        if source.NAME == published_volumes.NAME:
            listed = manifest.beside(file.path)
            if listed is None:
                flags.append("no_manifest")
            elif listed.sha256 and listed.sha256 != _sha256(file.path):
                raise FileRejected(
                    "manifest_mismatch", f"SHA-256 differs from the one in {manifest.FILE_NAME}"
                )
            moment = (
                (listed.published_at if listed else None)
                or self._published_at
                or published_volumes.date_in_name(file.name)
            )
        return _Ready(file, inspected, source, moment, flags)

    def _agreed_log(self, ready: list[_Ready], log: EventLog | None) -> EventLog | None:
        """The log, begun if need be; all files must be of its kind, real or simulated."""
        kinds = {
            found.landed.name: marked
            for found in ready
            if (marked := is_simulated(found.file, found.source)) is not None
        }
        if log is None:
            if not ready:
                return None
            simulated = next(iter(kinds.values()), False)
            whose = "another file beside it"
        else:
            simulated = log.is_simulated
            whose = f"the log in {self._settings.log}"
        said = {True: "simulated", False: "real"}
        for name, marked in kinds.items():
            if marked != simulated:
                raise UsageError(
                    f"{name} is {said[marked]}, {whose} is {said[simulated]}: "
                    "use another home for it"
                )
        return log or EventLog.create(
            self._settings.log, is_simulated=simulated, run_at=self._run_at
        )

    def _is_known(self, file: LandedFile, outcome: FileOutcome) -> bool:
        """Whether the ledger already says just this of the file."""
        entry = self._ledger.entry(file)
        return (
            entry is not None
            and (entry.state, entry.reason) == (outcome.state, outcome.reason)
            and entry.code_version == code_version()
        )

    def _commit_batch(
        self, files: list[_Ready], unread: list[tuple[LandedFile, FileOutcome]], log: EventLog
    ) -> None:
        rules = Rules(
            vocabulary=Vocabulary.load(SEEDS),
            run_at=self._run_at,
            future_tolerance=timedelta(minutes=self._settings.future_tolerance_minutes),
            maximum_bytes=self._settings.maximum_record_bytes,
            maximum_depth=self._settings.maximum_record_depth,
            is_simulated=log.is_simulated,
        )
        outcomes = list(unread)
        while files or outcomes:
            batch = Batch(
                self._connection,
                log,
                rules,
                masking_key=masking_key(self._settings.home / "masking.key"),
                code_version=code_version(),
            )
            try:
                outcomes += self._read_into(batch, files)
                break
            except _GivenUp as given_up:
                # What was written of the file must not be committed: begin the batch again.
                batch.discard()
                if not self._is_known(given_up.found.landed, given_up.outcome):
                    outcomes.append((given_up.found.landed, given_up.outcome))
                files = [found for found in files if found is not given_up.found]
            except _Changed as changed:
                batch.discard()
                self._result.waiting.extend(found.landed.name for found in changed.files)
                files = [found for found in files if found not in changed.files]
            except BaseException:
                batch.discard()
                raise
        else:
            return
        self._write_ledger(batch, outcomes)
        self._result.commits.append(log.commit(batch.parts, run_at=self._run_at))
        batch.commit_identities()
        self._result.files.extend(outcome for _, outcome in outcomes)

    def _read_into(self, batch: Batch, files: list[_Ready]) -> list[tuple[LandedFile, FileOutcome]]:
        """Read every file into the batch in chunks; returns their outcomes."""
        import pyarrow as pa

        pending: list[pa.Table] = []
        pending_bytes = 0

        def read(index: int) -> Iterator[pa.Table]:
            found = files[index]
            context = Context(published_at=found.published_at, seeds=SEEDS, chunk_bytes=CHUNK_BYTES)
            return found.source.read(found.file, context)

        indexes = batch.add_files([found.landed for found in files], read=read)
        for index, found in zip(indexes, files, strict=True):
            limit = CHUNK_BYTES if found.source.NAME in FAST_SOURCES else FULL_LANE_BYTES // 2
            try:
                for table in prefetched(read(index)):
                    size = table["line"].nbytes
                    column = pa.repeat(pa.scalar(index, pa.int32()), table.num_rows)
                    pending.append(table.add_column(0, "file_index", column))
                    pending_bytes += size
                    if pending_bytes > limit // 2:
                        batch.add_chunk(pa.concat_tables(pending))
                        pending, pending_bytes = [], 0
            except FileRejected as rejected:
                raise _GivenUp(found, self._rejected(found.landed, rejected)) from rejected
        if pending:
            batch.add_chunk(pa.concat_tables(pending))
        batch.finish()
        changed = [found for found in files if found.landed.has_changed()]
        if changed:
            raise _Changed(changed)
        return [
            (found.landed, self._ingested(found, batch, index))
            for index, found in zip(indexes, files, strict=True)
        ]

    def _ingested(self, found: _Ready, batch: Batch, index: int) -> FileOutcome:
        tally = batch.tallies[index]
        counts = {outcome: tally.outcomes[outcome] for outcome in OUTCOMES}
        if tally.read != sum(counts.values()):
            raise IntegrityError(
                f"{found.landed.name}: read {tally.read} records but accounted for "
                f"{sum(counts.values())}; nothing of this batch was committed"
            )
        flags = list(found.flags)
        if tally.is_torn:
            flags.append("incomplete")
        if tally.read == 0 and getattr(found.source, "HOLDS_RECORDS", True):
            flags.append("no_records")
        return FileOutcome(
            name=found.landed.name,
            source_kind=found.source.NAME,
            state="ingested",
            read=tally.read,
            flags=tuple(flags),
            accepted=counts["accepted"],
            duplicate=counts["duplicate"],
            quarantined=counts["quarantined"],
        )

    def _rejected(self, file: LandedFile, rejected: FileRejected) -> FileOutcome:
        return FileOutcome(
            file.name, None, "rejected", reason=rejected.reason, detail=rejected.detail
        )

    def _write_ledger(self, batch: Batch, outcomes: list[tuple[LandedFile, FileOutcome]]) -> None:
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
                "code_version": code_version(),
            }
            for file, outcome in outcomes
        ]
        schema = pa.schema([(name, kinds[name]) for name in rows[0]])
        self._connection.register("ledger_rows", pa.Table.from_pylist(rows, schema=schema))
        batch.write_part("file", f"select {batch.common}, * from ledger_rows")
        self._connection.unregister("ledger_rows")


def _batches(files: list[_Ready], *, limit: int) -> Iterator[list[_Ready]]:
    batch: list[_Ready] = []
    size = 0
    for found in files:
        if batch and (size + found.landed.size_bytes > limit or len(batch) >= CHUNK_FILES):
            yield batch
            batch, size = [], 0
        batch.append(found)
        size += found.landed.size_bytes
    if batch:
        yield batch


def _sha256(path: Path) -> str:
    import hashlib

    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
