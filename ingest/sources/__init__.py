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


def all_sources() -> tuple[Source, ...]:
    """Every source, in the order in which they are asked."""
    from ingest.sources import (
        cloudevents,
        delivery_manifest,
        event_tables,
        manifest,
        mi_returns,
        performance_platform,
        published_volumes,
    )
    from ingest.sources.reports import source as reports

    modules: tuple[Source, ...] = (
        published_volumes,
        manifest,
        delivery_manifest,
        event_tables,
        mi_returns,
        performance_platform,
        cloudevents,
        reports,
    )
    return modules


def source_names() -> tuple[str, ...]:
    """Names that `--source` takes."""
    return tuple(source.NAME for source in all_sources())


def recognise(file: SourceFile, *, forced: str | None = None) -> Source:
    """The source of a file.

    Raises:
        FileRejected: no source knows its content.
    """
    sources = all_sources()
    if forced is not None:
        return next(source for source in sources if forced == source.NAME)
    for source in sources:
        if source.recognise(file):
            return source
    raise FileRejected("unrecognised", "its content is of no source that is known")
