"""What a source is, and what it may be able to do besides: the one base class of all sources."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from ingest.landing.containers import LONGEST_DOCUMENT
from ingest.landing.inspection import SourceFile

if TYPE_CHECKING:
    import pyarrow as pa


@dataclass(frozen=True)
class Context:
    """What a source may know beside the file: its publication time, the registers, and services
    that publications in the log list."""

    published_at: datetime | None
    seeds: Path
    chunk_bytes: int = 256 * 1024 * 1024
    listed: frozenset[str] = frozenset()


class Source(ABC):
    """A kind of file: how it is known, and how records are read from it. It has no state."""

    name: ClassVar[str]

    holds_records: ClassVar[bool] = True
    """False for files that only say something of the files beside them."""

    most_bytes: ClassVar[int | None] = LONGEST_DOCUMENT
    """How many bytes it may have, unpacked; None where it is read in parts, however long."""

    may_take_fast_path: ClassVar[bool] = False
    """Whether most of its records are events that the fast path knows: it comes in large chunks."""

    takes_workbooks: ClassVar[bool] = False
    """Whether it may be a workbook: no other source is asked about one."""

    reads_again: ClassVar[bool] = False
    """Whether `read_again` makes events of quarantined texts with today's registers."""

    @abstractmethod
    def recognise(self, file: SourceFile) -> bool:
        """Whether the content is this source's."""

    @abstractmethod
    def read(self, file: SourceFile, context: Context) -> Iterator[pa.Table]:
        """Tables of records, in the file's order: see `ingest.landing.records.RECORD_SCHEMA`.

        Raises:
            FileRejected: the file can't be taken as a whole.
        """

    def lists_services(self, file: SourceFile) -> bool:
        """Whether the file says which services there are: it is taken before files that speak of
        them."""
        return False

    def marks_simulated(self, file: SourceFile) -> bool | None:
        """Whether the file says that it is simulated; None where nothing in it could say so."""
        return None

    def flags(self, file: SourceFile) -> tuple[str, ...]:
        """Warnings about the file, for the ledger."""
        return ()

    def content_flags(self, file: SourceFile, context: Context) -> tuple[str, ...]:
        """Warnings that only its records tell, asked for once they are read."""
        return ()

    def publication_time(self, file: SourceFile, given: datetime | None) -> datetime | None:
        """When the file was published, as far as something beside its content says so.

        Args:
            given: what to take where no manifest says it.

        Raises:
            FileRejected: what lies beside the file contradicts it.
            FileWaits: what lies beside it can't be read.
        """
        return None

    def edition_of(self, file: SourceFile, given: datetime | None) -> str | None:
        """The `source` of the publication that a file is an edition of, where nothing but a day in
        its name dates it: the moment of that day's edition may be known. Arguments as above."""
        return None

    def read_again(self, raw: str, place: str | None, context: Context) -> pa.Table:
        """The record of a text in quarantine, read anew; only where `reads_again`."""
        raise NotImplementedError(f"{self.name} keeps events as they came")
