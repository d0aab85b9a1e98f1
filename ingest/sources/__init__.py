"""Sources: one module each, from a landed file to records (CloudEvents as JSON text) or refusals.

A source is recognised by the file's content; `--source NAME` forces it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import pyarrow as pa


class FileRejected(Exception):
    """A file is refused whole. `reason` is one of `ingest.reasons.FILE_REASONS`."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason = reason
        self.detail = detail


@dataclass(frozen=True)
class SourceFile:
    """A landed file as a source sees it.

    `name` is its path below the landing folder; `head` its first bytes, unpacked.
    """

    name: str
    path: Path
    container: str
    head: bytes
    content_hash: str
    ends_with_newline: bool


@dataclass(frozen=True)
class Context:
    """What a source may know beside the file: its publication time and the registers."""

    published_at: datetime | None
    seeds: Path
    chunk_bytes: int = 256 * 1024 * 1024


class Source(Protocol):
    """What every module in this package offers.

    It may offer besides: `marks_simulated(file) -> bool | None`, whether the file says that it
    is simulated (None: it holds nothing that could say so); `flags(file) -> tuple[str, ...]`,
    warnings for the ledger; `read_again(raw, place, context) -> pa.Table`, the record of a text
    that stands in quarantine, read anew with today's registers; `HOLDS_RECORDS = False`.
    """

    NAME: str

    def recognise(self, file: SourceFile) -> bool:
        """Whether the content is this source's."""
        ...

    def read(self, file: SourceFile, context: Context) -> Iterator[pa.Table]:
        """Tables of records, in the file's order: see `ingest.records.RECORD_SCHEMA`.

        Raises:
            FileRejected: the file can't be taken as a whole.
        """
        ...
