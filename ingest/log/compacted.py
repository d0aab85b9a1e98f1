"""Small files of the log once more, many in one, for whoever reads many nights of it.

A night adds a handful of small files, and ten years of them take longer to open than to read. So
once enough of them wait, their rows are copied as they are into one file below `_compacted/`, where
no reader of Delta tables looks. The log stays as it is: chain, older versions, mirror and erasures
go by the files of its commits. The copy may be lost; it is made again.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.errors import IntegrityError
from core.files import flush, read_object, write_file
from core.known_digests import Signature, signature_of
from core.sql import list_of, quote
from ingest.log.columns import PARQUET, no_records
from ingest.log.event_log import EventLog, LogFile
from ingest.log.rows import rows_that_differ
from ingest.log.statistics import statistics_of

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

FOLDER = "_compacted"
LISTING = "files.json"
SMALL_BYTES = 256 * 1024
"""To open a file of up to this takes about as long as to read it, or longer."""
ENOUGH = 100
"""How many small files of a kind wait before they are compacted."""
AT_ONCE = 500
"""How many of them are copied into one file."""
TRANSACTION = "uk.gov.takeup.transaction."


@dataclass(frozen=True)
class Compacted:
    """One file with all rows of some of the log's files, `parts`: each by its path below the log's
    folder. `version` is the newest that one of them came with, `link` the chain's there, `stats` as
    in an action `add`. Whatever writes to the file changes its signature, and it is not read."""

    path: str
    record_kind: str
    row_count: int
    signature: Signature
    stats: str
    parts: tuple[str, ...]
    version: int
    link: str

    @property
    def size_bytes(self) -> int:
        return self.signature[0]

    def as_file(self, folder: Path) -> LogFile:
        """As a file to read."""
        stated = json.loads(self.stats)
        least, most = stated.get("minValues", {}), stated.get("maxValues", {})
        return LogFile(
            record_kind=self.record_kind,
            path=f"{folder}/{self.path}",
            row_count=self.row_count,
            size_bytes=self.size_bytes,
            commit_version=self.version,
            first_type=least.get("type"),
            last_type=most.get("type"),
            first_time=_moment(least.get("time")),
            last_time=_moment(most.get("time")),
            first_commit=least.get("commit_version"),
            last_commit=most.get("commit_version"),
        )


def readable(log: EventLog, kind: str | None = None, *, after: int = -1) -> list[LogFile]:
    """Files that hold every record of a kind once: compacted ones, and the log's own for the rest.

    Args:
        after: leave out files all of whose rows came with a version up to this one. What stays may
            hold such rows too.
    """
    live = log.files(kind)
    copies = _usable(log, {log.below(file) for file in live})
    copied = {path for copy in copies for path in copy.parts}
    own = [file for file in live if log.below(file) not in copied]
    found = [*(copy.as_file(log.folder) for copy in copies), *own]
    return [one for one in found if one.commit_version is None or one.commit_version > after]


def compact(
    connection: DuckDBPyConnection, log: EventLog, *, enough: int = ENOUGH, anew: bool = False
) -> list[Compacted]:
    """Compact the small files of each kind of which enough wait; returns what was made of them.
    Needs the lease, and files that were verified.

    Transactions stay apart from other events, as in the log.

    Args:
        anew: make those again that are there.

    Raises:
        IntegrityError: a file holds other rows than its commit states.
    """
    listed = _listed(log.folder)
    live = log.files()
    copies = [] if anew else _usable(log, {log.below(file) for file in live})
    copied = {path for copy in copies for path in copy.parts}
    groups: dict[tuple[str, bool], list[LogFile]] = {}
    for file in live:
        if _is_small(file) and log.below(file) not in copied:
            groups.setdefault((file.record_kind, _is_of_transactions(file)), []).append(file)
    waiting = [group for group in groups.values() if len(group) >= enough]
    if not waiting and copies == listed:
        return []
    connection.execute("set preserve_insertion_order = true")
    made = []
    for group in waiting:
        files = iter(group)
        while some := list(islice(files, AT_ONCE)):
            made.append(_copied(connection, log, some))
    _list(log.folder, [*copies, *made])
    return made


def check_compacted(log: EventLog) -> Iterator[str]:
    """Problems of compacted files: rows other than those of the log's own files, which were
    verified."""
    for copy in _usable(log, {log.below(file) for file in log.files()}):
        parts = [f"{log.folder}/{part}" for part in copy.parts]
        difference = rows_that_differ(parts, [f"{log.folder}/{copy.path}"])
        if difference:
            yield (
                f"compacted file has {difference} other rows than the log: {copy.path}: run"
                " `takeup replay`, which makes it again"
            )


def forget_compacted(log: EventLog) -> None:
    """Remove every compacted file: rows of them are to be erased. Needs the lease."""
    if (log.folder / FOLDER).exists():
        shutil.rmtree(log.folder / FOLDER)
        flush(log.folder)


def _usable(log: EventLog, live: set[str]) -> list[Compacted]:
    """Compacted files of this very log up to its version, as they were written, all of whose parts
    are among `live`.

    None where the log goes on otherwise than the one that they were made of: a copy of it was
    restored.
    """
    listed = [copy for copy in _listed(log.folder) if copy.version <= log.version]
    newest = max(listed, key=lambda copy: copy.version, default=None)
    if newest is None or log.newest_own(until=newest.version).link != newest.link:
        return []
    return [
        copy
        for copy in listed
        if live.issuperset(copy.parts) and signature_of(log.folder / copy.path) == copy.signature
    ]


def _copied(connection: DuckDBPyConnection, log: EventLog, files: Sequence[LogFile]) -> Compacted:
    kind = files[0].record_kind
    version = max(file.commit_version or 0 for file in files)
    first = Path(files[0].path).stem
    path = log.folder / FOLDER / f"{kind}-{first}-to-{version}.parquet"
    path.parent.mkdir(exist_ok=True)
    # Who asks for events of one type passes over the others.
    order = "order by type, commit_version" if kind == "event" else "order by commit_version"
    connection.execute(
        f"""
        copy (
            {no_records(kind)} union all by name
            select * from read_parquet(
                {list_of(file.path for file in files)},
                union_by_name = true, hive_partitioning = false
            )
            {order}
        ) to {quote(path)} ({PARQUET})
        """
    )
    flush(path)
    signature = signature_of(path)
    assert signature is not None
    stats = statistics_of(path)
    rows = json.loads(stats)["numRecords"]
    stated = sum(file.row_count for file in files)
    if rows != stated:
        raise IntegrityError(
            f"event log {log.folder}: {len(files)} files of {kind} records hold {rows} rows, their"
            f" commits state {stated}: run `takeup verify`"
        )
    return Compacted(
        path=path.relative_to(log.folder).as_posix(),
        record_kind=kind,
        row_count=rows,
        signature=signature,
        stats=stats,
        parts=tuple(log.below(file) for file in files),
        version=version,
        link=str(log.newest_own(until=version).link),
    )


def _listed(folder: Path) -> list[Compacted]:
    """What the listing says; nothing where it can't be read: it is made again."""
    try:
        return [
            Compacted(**stated | {name: tuple(stated[name]) for name in ("parts", "signature")})
            for stated in read_object(folder / FOLDER / LISTING).get("files", [])
        ]
    except (TypeError, KeyError):
        return []


def _list(folder: Path, copies: Sequence[Compacted]) -> None:
    """Write the listing, then remove what it does not name."""
    listing = {"files": [asdict(copy) for copy in copies]}
    write_file(folder / FOLDER / LISTING, json.dumps(listing))
    named = {copy.path for copy in copies}
    for path in (folder / FOLDER).glob("*.parquet"):
        if path.relative_to(folder).as_posix() not in named:
            path.unlink()


def _is_small(file: LogFile) -> bool:
    return file.commit_version is not None and file.size_bytes <= SMALL_BYTES


def _is_of_transactions(file: LogFile) -> bool:
    bounds = (file.first_type or "", file.last_type or "")
    return all(bound.startswith(TRANSACTION) for bound in bounds)


def _moment(stated: Any) -> datetime | None:
    return None if stated is None else datetime.fromisoformat(stated)
