"""Sources: one module each, from a landed file to records (CloudEvents as JSON text) or refusals.

A source is recognised by the file's content; `--source NAME` forces it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from ingest.landing.inspection import SourceFile

if TYPE_CHECKING:
    import pyarrow as pa


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
        """Tables of records, in the file's order: see `ingest.landing.records.RECORD_SCHEMA`.

        Raises:
            FileRejected: the file can't be taken as a whole.
        """
        ...
