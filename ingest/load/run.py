"""Ingest: from landed files to commits of the log, one atomic commit per batch of whole files."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING

from core.errors import IntegrityError, UsageError
from core.files import NotAFile
from core.settings import Settings
from core.version import code_version
from ingest.landing.landed import LandedFile, scan
from ingest.load import environment
from ingest.load.batch import Batch
from ingest.load.editions import at_known_moments
from ingest.load.file_outcomes import FileOutcome, IngestResult, Outcomes, write_ledger
from ingest.load.outcomes import OUTCOMES
from ingest.load.prefetch import prefetched
from ingest.load.ready import ReadyFile, batches, first_kind, of_other_kind
from ingest.load.source_errors import first_line, is_about_records
from ingest.log import identity_index, restored
from ingest.log.event_log import EventLog
from ingest.log.ledger import Ledger
from ingest.log.listed import listed_services
from ingest.refusals import FileRejected, FileWaits
from ingest.validation.masking import masking_key

if TYPE_CHECKING:
    import pyarrow as pa
    from duckdb import DuckDBPyConnection


class _GivenUp(Exception):
    """A source refused a file after some of its records had been read."""

    def __init__(self, ready: ReadyFile, rejected: FileRejected) -> None:
        super().__init__(ready.landed.name)
        self.ready = ready
        self.rejected = rejected


class _Changed(Exception):
    """Files were written to while they were read, or are not there any more."""

    def __init__(self, files: list[ReadyFile]) -> None:
        super().__init__(", ".join(ready.landed.name for ready in files))
        self.files = files


class _Unchecked(Exception):
    """Records of some file can't be checked."""


def ingest(
    settings: Settings,
    paths: Iterable[Path],
    *,
    run_at: datetime,
    source: str | None = None,
    published_at: datetime | None = None,
    when_new: Callable[[], object] | None = None,
) -> IngestResult:
    """Take what is new under `paths` into the home's log.

    Args:
        paths: landing folder, or files and folders.
        run_at: the run's moment: recorded with every record, and the clock of all rules.
        source: name of the source, instead of recognising it by content.
        published_at: publication time of files that no manifest names.
        when_new: called once it is known that there is something to take.

    Raises:
        UsageError: a path does not exist, or real and simulated input meet.
        IntegrityError: the log can't be read, or records went missing on the way.
    """
    roots = list(paths)
    missing = next((root for root in roots if not root.exists()), None)
    if missing is not None:
        raise UsageError(f"no such file or folder: {missing}")
    restored.finish(settings.home, settings.log)
    with (
        ThreadPoolExecutor(max_workers=1) as aside,
        environment.connect(settings) as connection,
    ):
        # A new file is watched for a second: time to load what a run needs.
        scanning = aside.submit(
            scan,
            roots,
            index=landing_index(settings),
            most_bytes=settings.maximum_file_bytes,
        )
        _load_libraries()
        version = code_version("ingest")
        log = EventLog.open(settings.log) if EventLog.exists(settings.log) else None
        ledger = Ledger.read(connection, log)
        landing = scanning.result()
        result = IngestResult(waiting=landing.waiting, refused=landing.refused)
        fresh = [file for file in landing.files if not ledger.is_done(file, code_version=version)]
        result.known = len(landing.files) - len(fresh)
        if fresh:
            if when_new is not None:
                when_new()
            run = _Run(connection, settings, ledger, result, run_at, version)
            run.take(fresh, log, source=source, published_at=published_at)
    return result


def landing_index(settings: Settings) -> Path:
    """File of the digests of landed files."""
    return settings.warehouse / "landing_index.json"


def _load_libraries() -> None:
    """Import what every batch needs and no other command should wait for."""
    import deltalake  # noqa: F401
    import numpy as np  # noqa: F401
    import pyarrow as pa  # noqa: F401

    from ingest.load.recognition import all_sources

    all_sources()


@dataclass(frozen=True)
class _Run:
    """One run of ingest over the files that are new."""

    connection: DuckDBPyConnection
    settings: Settings
    ledger: Ledger
    result: IngestResult
    run_at: datetime
    code_version: str

    def take(
        self,
        fresh: list[LandedFile],
        log: EventLog | None,
        *,
        source: str | None,
        published_at: datetime | None,
    ) -> None:
        """Look through the files, then take their records, batch by batch."""
        ready, unread = self._sort(fresh, source=source, published_at=published_at)
        ready = at_known_moments(self.connection, log, ready)
        log, ready, odd = self._agreed_log(ready, log)
        unread += odd
        unread = [(file, outcome) for file, outcome in unread if not self._is_known(file, outcome)]
        if log is None:
            self.result.files.extend(outcome for _, outcome in unread)
            return
        log.remove_uncommitted()
        identity_index.attach(self.connection, identity_index.path_in(self.settings), log)
        for files in batches(ready, limit=self.settings.batch_bytes):
            self._commit_batch(files, unread, log)
            unread = []
        if unread:
            self._commit_batch([], unread, log)
        self.connection.execute(f"detach {identity_index.ATTACHED}")

    def _sort(
        self, fresh: list[LandedFile], *, source: str | None, published_at: datetime | None
    ) -> tuple[list[ReadyFile], Outcomes]:
        """Files that can be read, and what became of the others."""
        ready: list[ReadyFile] = []
        unread: Outcomes = []
        names: dict[str, str] = {}
        for file in fresh:
            first = self.ledger.name_of(file.content_hash) or names.get(file.content_hash)
            if first is not None:
                unread.append((file, FileOutcome.of_copy(file, first)))
                continue
            try:
                found = ReadyFile.prepare(
                    file,
                    most_bytes=self.settings.maximum_file_bytes,
                    source=source,
                    published_at=published_at,
                )
            except FileRejected as rejected:
                if file.has_changed():
                    self.result.waiting.append(file.name)
                    continue
                unread.append((file, FileOutcome.of_rejected(file, rejected)))
                continue
            except (FileNotFoundError, PermissionError, NotAFile) as error:
                self.result.refused.append((file.name, str(error.strerror)))
                continue
            except FileWaits as waits:
                self.result.waiting.append(file.name)
                self.result.waits_for[file.name] = waits.reason
                continue
            ready.append(found)
            names[file.content_hash] = file.name
        return ready, unread

    def _agreed_log(
        self, ready: list[ReadyFile], log: EventLog | None
    ) -> tuple[EventLog | None, list[ReadyFile], Outcomes]:
        """The log, begun if need be; files of its kind, real or simulated; the others, rejected."""
        folder = self.settings.log
        if log is None:
            if not ready:
                return None, ready, []
            is_simulated = first_kind(ready)
            return EventLog.create(folder, is_simulated=is_simulated, run_at=self.run_at), ready, []
        odd = of_other_kind(ready, is_simulated=log.is_simulated, whose=f"the log in {folder}")
        outcomes = [
            (file.landed, FileOutcome.of_rejected(file.landed, rejected)) for file, rejected in odd
        ]
        refused = [file for file, _ in odd]
        return log, [file for file in ready if file not in refused], outcomes

    def _is_known(self, file: LandedFile, outcome: FileOutcome) -> bool:
        """Whether the ledger already says just this of the file."""
        entry = self.ledger.entry(file)
        return (
            entry is not None
            and (entry.state, entry.reason) == (outcome.state, outcome.reason)
            and entry.code_version == self.code_version
        )

    def _commit_batch(self, files: list[ReadyFile], unread: Outcomes, log: EventLog) -> None:
        outcomes = list(unread)
        while files or outcomes:
            listed = listed_services(self.connection, log)
            batch = self._new_batch(log, listed)
            try:
                outcomes += self._read_into(batch, files, listed)
                break
            except _GivenUp as given_up:
                # What was written of the file must not be committed: begin the batch again.
                batch.discard()
                outcomes += self._rejected(given_up.ready, given_up.rejected)
                files = [ready for ready in files if ready is not given_up.ready]
            except _Changed as changed:
                batch.discard()
                self.result.waiting.extend(ready.landed.name for ready in changed.files)
                files = [ready for ready in files if ready not in changed.files]
            except _Unchecked as failed:
                batch.discard()
                if len(files) == 1:
                    reason = FileRejected("unreadable", f"{files[0].source.name}: {failed}")
                    outcomes += self._rejected(files[0], reason)
                    files = []
                else:
                    # One of them holds it: halves, each by itself, until it is alone.
                    half = len(files) // 2
                    self._commit_batch(files[:half], outcomes, log)
                    files, outcomes = files[half:], []
            except BaseException:
                batch.discard()
                raise
        if not outcomes:
            return
        write_ledger(self.connection, batch.parts, outcomes, code_version=self.code_version)
        self.result.commits.append(batch.commit())
        self.result.files.extend(outcome for _, outcome in outcomes)

    def _rejected(self, ready: ReadyFile, rejected: FileRejected) -> Outcomes:
        """The outcome of a file that was given up, unless the ledger already says so."""
        outcome = FileOutcome.of_rejected(ready.landed, rejected)
        return [] if self._is_known(ready.landed, outcome) else [(ready.landed, outcome)]

    def _new_batch(self, log: EventLog, listed: frozenset[str]) -> Batch:
        return Batch(
            self.connection,
            log,
            environment.rules_for(
                self.settings, run_at=self.run_at, is_simulated=log.is_simulated, listed=listed
            ),
            masking_key=masking_key(self.settings.home / "masking.key"),
            code_version=self.code_version,
        )

    def _read_into(self, batch: Batch, files: list[ReadyFile], listed: frozenset[str]) -> Outcomes:
        """Read every file into the batch in chunks; returns their outcomes.

        Where records may take the fast path files are read twice: what they are called comes first.
        """
        whole = dict(zip(batch.add_files([ready.landed for ready in files]), files, strict=True))
        outcomes: Outcomes = []
        only_chunk: pa.Table | None = None
        if any(ready.source.may_take_fast_path for ready in files):
            for number, chunk in enumerate(self._chunks(whole, listed, outcomes)):
                only_chunk = None if number else chunk
                with _checking():
                    batch.know(chunk)
        again = self._chunks(whole, listed, outcomes) if only_chunk is None else [only_chunk]
        for chunk in again:
            with _checking():
                batch.add_chunk(chunk)
        with _checking():
            batch.finish()
        changed = [
            ready
            for index, ready in whole.items()
            if ready.landed.has_changed() or batch.has_changed(index)
        ]
        if changed:
            raise _Changed(changed)
        read_whole = [
            (ready.landed, _outcome_of(ready, batch, index)) for index, ready in whole.items()
        ]
        return outcomes + read_whole

    def _chunks(
        self, whole: dict[int, ReadyFile], listed: frozenset[str], outcomes: Outcomes
    ) -> Iterator[pa.Table]:
        """The records of files, by their indexes, in chunks.

        A file that can't be begun is taken out of `whole` and has its outcome.
        """
        import pyarrow as pa

        pending: list[pa.Table] = []
        pending_bytes = 0
        for index, ready in list(whole.items()):
            tables = _tables_of(ready, ready.read(environment.SEEDS, listed))
            try:
                first = list(islice(tables, 1))
            except _GivenUp as given_up:
                # Nothing of it is in the batch, which can go on.
                del whole[index]
                outcomes += self._rejected(ready, given_up.rejected)
                continue
            for table in chain(first, tables):
                column = pa.repeat(pa.scalar(index, pa.int32()), table.num_rows)
                pending.append(table.add_column(0, "file_index", column))
                pending_bytes += table["line"].nbytes
                if pending_bytes > ready.bytes_at_once:
                    yield pa.concat_tables(pending)
                    pending, pending_bytes = [], 0
        if pending:
            yield pa.concat_tables(pending)


def _tables_of(ready: ReadyFile, tables: Iterator[pa.Table]) -> Iterator[pa.Table]:
    """A file's records, read ahead; what stops them is the file's own."""
    try:
        yield from prefetched(tables)
    except FileRejected as rejected:
        raise _GivenUp(ready, rejected) from rejected
    except (FileNotFoundError, PermissionError, NotAFile) as error:
        raise _Changed([ready]) from error


@contextmanager
def _checking() -> Iterator[None]:
    """Tell what is wrong with records that are checked from what is wrong with us."""
    try:
        yield
    except Exception as error:
        if not is_about_records(error):
            raise
        raise _Unchecked(first_line(error)) from error


def _outcome_of(ready: ReadyFile, batch: Batch, index: int) -> FileOutcome:
    """What became of a file that was read to its end."""
    tally = batch.tallies[index]
    counts = {outcome: tally.outcomes[outcome] for outcome in OUTCOMES}
    if tally.read != sum(counts.values()):
        raise IntegrityError(
            f"{ready.landed.name}: read {tally.read} records but accounted for "
            f"{sum(counts.values())}; nothing of this batch was committed"
        )
    flags = [*ready.flags, *ready.content_flags(environment.SEEDS)]
    if tally.is_torn:
        flags.append("incomplete")
    if tally.has_short_periods:
        flags.append("weekly_or_daily")
    if tally.read == 0 and ready.source.holds_records:
        flags.append("no_records")
    return FileOutcome(
        name=ready.landed.name,
        source_kind=ready.source.name,
        state="ingested",
        read=tally.read,
        flags=tuple(flags),
        accepted=counts["accepted"],
        duplicate=counts["duplicate"],
        quarantined=counts["quarantined"],
    )
