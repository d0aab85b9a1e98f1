"""Files that can be read: what is known of each before its records are checked."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from core.errors import UsageError
from ingest.landing.containers import check_size
from ingest.landing.inspection import SourceFile, inspect
from ingest.landing.landed import LandedFile
from ingest.load.batch import FULL_CHECK_BYTES
from ingest.load.recognition import recognise
from ingest.load.source_errors import rejecting
from ingest.refusals import FileRejected
from ingest.sources.base import Context, Source

if TYPE_CHECKING:
    import pyarrow as pa

CHUNK_BYTES = 128 * 1024 * 1024
MOST_FILES = 20_000
"""In one batch, however small they are."""


@dataclass(frozen=True)
class ReadyFile:
    """A file that can be read, its source, when it was published, whether it says that it is
    simulated (None where nothing in it could say so), warnings about it, and the `source` of what
    it is an edition of, where only its name dates it."""

    landed: LandedFile
    file: SourceFile
    source: Source
    published_at: datetime | None
    is_simulated: bool | None
    flags: tuple[str, ...]
    edition_of: str | None = None

    @classmethod
    def prepare(
        cls,
        landed: LandedFile,
        *,
        most_bytes: int,
        source: str | None,
        published_at: datetime | None,
    ) -> ReadyFile:
        """Look through a file and find its source.

        Args:
            most_bytes: what a file may have, as it lies and unpacked.
            source: name of the source, instead of recognising it by content.
            published_at: publication time of files that no manifest names.

        Raises:
            FileRejected: it can't be taken as a whole.
            FileWaits: what lies beside it has to be mended first.
        """
        with rejecting("it could not be looked through"):
            file = inspect(landed, most_bytes=most_bytes)
            found = recognise(file, forced=source)
            if found.most_bytes is not None:
                check_size(landed.name, file.size_bytes, found.most_bytes)
        with rejecting(found.name):
            moment = found.publication_time(file, published_at)
            marked = found.marks_simulated(file)
            edition_of = found.edition_of(file, published_at)
            return cls(landed, file, found, moment, marked, found.flags(file), edition_of)

    @property
    def lists_services(self) -> bool:
        """Whether it says which services there are."""
        return self.source.lists_services(self.file)

    @property
    def bytes_at_once(self) -> int:
        """How much text is handed over in one chunk. Where all records take the full check, a
        chunk is no larger than what it takes at once."""
        whole = CHUNK_BYTES if self.source.may_take_fast_path else FULL_CHECK_BYTES // 2
        return whole // 2

    def read(self, seeds: Path, listed: frozenset[str]) -> Iterator[pa.Table]:
        """The file's records. Raises as `Source.read`."""
        with rejecting(self.source.name):
            yield from self.source.read(self.file, self._context(seeds, listed))

    def content_flags(self, seeds: Path) -> tuple[str, ...]:
        """Warnings that only its records tell."""
        return self.source.content_flags(self.file, self._context(seeds))

    def _context(self, seeds: Path, listed: frozenset[str] = frozenset()) -> Context:
        return Context(self.published_at, seeds, CHUNK_BYTES, listed)


def first_kind(files: Sequence[ReadyFile]) -> bool:
    """Whether the files of a log's first commit are simulated: all of them must be of one kind.

    Raises:
        UsageError: real and simulated input meet, and nothing says which of them the log is for.
    """
    marked = [ready for ready in files if ready.is_simulated is not None]
    agreed = bool(marked and marked[0].is_simulated)
    other = next((ready for ready in marked if ready.is_simulated != agreed), None)
    if other is not None:
        raise UsageError(_wrong_kind(other, "another file beside it"))
    return agreed


def of_other_kind(
    files: Sequence[ReadyFile], *, is_simulated: bool, whose: str
) -> list[tuple[ReadyFile, FileRejected]]:
    """Files that say that they are not of the log's kind, each refused; the others can be read.

    Args:
        is_simulated: whether the log is.
        whose: the log, in words.

    Raises:
        UsageError: no other file holds records: the home is the wrong one for all of them.
    """
    odd = [ready for ready in files if ready.is_simulated is (not is_simulated)]
    if odd and not any(ready.source.holds_records for ready in files if ready not in odd):
        raise UsageError(_wrong_kind(odd[0], whose))
    return [(ready, FileRejected("wrong_kind_of_log", _wrong_kind(ready, whose))) for ready in odd]


def _wrong_kind(ready: ReadyFile, whose: str) -> str:
    said = {True: "simulated", False: "real"}
    is_simulated = bool(ready.is_simulated)
    return (
        f"{ready.landed.name} is {said[is_simulated]}, {whose} is {said[not is_simulated]}: "
        "use another home for it"
    )


def batches(files: Sequence[ReadyFile], *, limit: int) -> Iterator[list[ReadyFile]]:
    """Files in their order, those that list services apart from and before those that speak of
    them; parted where a batch would grow beyond `limit` bytes."""
    batch: list[ReadyFile] = []
    size, lists = 0, False
    for ready in sorted(files, key=_speaks_of_services):
        is_full = size + ready.landed.size_bytes > limit or len(batch) >= MOST_FILES
        if batch and (is_full or (lists and _speaks_of_services(ready))):
            yield batch
            batch, size, lists = [], 0, False
        batch.append(ready)
        size += ready.landed.size_bytes
        lists = lists or ready.lists_services
    if batch:
        yield batch


def _speaks_of_services(ready: ReadyFile) -> bool:
    return ready.source.holds_records and not ready.lists_services
