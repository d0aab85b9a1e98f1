"""Files that can be read: what is known of each before its records are checked."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from core.errors import UsageError
from ingest.landing.inspection import SourceFile, inspect
from ingest.landing.landed import LandedFile
from ingest.load.batch import FULL_CHECK_BYTES
from ingest.load.recognition import recognise
from ingest.sources.base import Context, Source

if TYPE_CHECKING:
    import pyarrow as pa

CHUNK_BYTES = 128 * 1024 * 1024
MOST_FILES = 20_000
"""In one batch, however small they are."""


@dataclass(frozen=True)
class ReadyFile:
    """A file that can be read, its source, when it was published, and warnings about it."""

    landed: LandedFile
    file: SourceFile
    source: Source
    published_at: datetime | None
    flags: tuple[str, ...]

    @classmethod
    def prepare(
        cls, landed: LandedFile, *, source: str | None, published_at: datetime | None
    ) -> ReadyFile:
        """Look through a file and find its source.

        Args:
            source: name of the source, instead of recognising it by content.
            published_at: publication time of files that no manifest names.

        Raises:
            FileRejected: it can't be taken as a whole.
            FileWaits: what lies beside it has to be mended first.
        """
        file = inspect(landed)
        found = recognise(file, forced=source)
        moment = found.publication_time(file, published_at)
        return cls(landed, file, found, moment, found.flags(file))

    @property
    def bytes_at_once(self) -> int:
        """How much text is handed over in one chunk. Where all records take the full check, a
        chunk is no larger than what it takes at once."""
        whole = CHUNK_BYTES if self.source.may_take_fast_path else FULL_CHECK_BYTES // 2
        return whole // 2

    def read(self, seeds: Path) -> Iterator[pa.Table]:
        """The file's records. Raises as `Source.read`."""
        context = Context(published_at=self.published_at, seeds=seeds, chunk_bytes=CHUNK_BYTES)
        return self.source.read(self.file, context)


def are_simulated(files: Sequence[ReadyFile], *, log: bool | None, whose: str) -> bool:
    """Whether files say that they are simulated: all of them must be of one kind, and the log's.

    Args:
        log: whether the log there is so far is simulated; None where there is none.
        whose: what the files are compared with, in words.

    Raises:
        UsageError: real and simulated input meet.
    """
    marks = {
        ready.landed.name: marked
        for ready in files
        if (marked := ready.source.marks_simulated(ready.file)) is not None
    }
    agreed = next(iter(marks.values()), False) if log is None else log
    said = {True: "simulated", False: "real"}
    for name, marked in marks.items():
        if marked != agreed:
            raise UsageError(
                f"{name} is {said[marked]}, {whose} is {said[agreed]}: use another home for it"
            )
    return agreed


def batches(files: Sequence[ReadyFile], *, limit: int) -> Iterator[list[ReadyFile]]:
    """Files in their order, parted where a batch would grow beyond `limit` bytes."""
    batch: list[ReadyFile] = []
    size = 0
    for ready in files:
        if batch and (size + ready.landed.size_bytes > limit or len(batch) >= MOST_FILES):
            yield batch
            batch, size = [], 0
        batch.append(ready)
        size += ready.landed.size_bytes
    if batch:
        yield batch
