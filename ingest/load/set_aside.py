"""Setting aside: an event of the log says that a file or a record counts nowhere from now on.

The event is landed as a file of its own, in the home's landing folder, and ingested like any other:
so the log can be made again from what was landed. `ingest.validation` takes such events from this
source alone.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal
from uuid import uuid4

from core.errors import TakeupError, UsageError
from core.files import write_file
from core.periods import moment_for_file_name
from core.settings import Settings
from ingest.load import environment
from ingest.load.run import ingest
from ingest.log.compacted import readable
from ingest.log.event_log import EventLog
from ingest.log.ledger import Ledger
from ingest.log.set_asides import PREFIX, load_set_asides
from ingest.validation.event_types import event_types

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

Change = Literal["set_aside", "restored"]
SHORTEST_KEY = 12
"""Characters of a content hash that name a file, without its algorithm."""


@dataclass(frozen=True)
class Target:
    """A landed file by its content hash, or a record by its identity within a file."""

    content_hash: str
    source: str | None = None
    id: str | None = None

    @property
    def data(self) -> dict[str, str]:
        """As the events name it."""
        if self.source is None or self.id is None:
            return {"content_hash": self.content_hash}
        return {"source": self.source, "id": self.id}

    def __str__(self) -> str:
        return self.content_hash if self.source is None else f"{self.source} {self.id}"


@dataclass(frozen=True)
class SetAside:
    """What was set aside or restored: a file or a record, how many events that is, and the file
    that says so."""

    change: Change
    target: str
    records: int
    landed: str
    commits: tuple[int, ...]


def change_one(
    settings: Settings,
    key: str,
    record_id: str | None = None,
    *,
    change: Change,
    role: str,
    reason: str,
    run_at: datetime,
) -> SetAside:
    """Set one file or record aside, or restore it: land the event and ingest it. Needs the lease.

    Args:
        key: content hash of a file, or its first characters; with `record_id`, which names a
            record, its source.
        role: in which role somebody does so.

    Raises:
        UsageError: nothing to do: the log doesn't hold it, or it is so already, or no role or
            reason is given, or they are too long.
        TakeupError: the event was not accepted.
    """
    log = EventLog.open(settings.log)
    with environment.connect(settings) as connection:
        target = (
            _file(connection, log, key)
            if record_id is None
            else _record(connection, log, key, record_id)
        )
        _require_change(connection, log, target, change=change)
        records = _records_of(connection, log, target)
    event = _event(log, target, change=change, said=_said(change, role, reason), run_at=run_at)
    path = settings.landing / f"set-aside-{moment_for_file_name(run_at)}.jsonl"
    path.parent.mkdir(parents=True, exist_ok=True)
    write_file(path, json.dumps(event, ensure_ascii=False) + "\n")
    done = ingest(settings, [path], run_at=run_at)
    if done.total("accepted") != 1:
        raise TakeupError(f"{path.name} was not accepted: `takeup quarantine list` says why")
    return SetAside(change, str(target), records, path.name, tuple(done.commits))


def _said(change: Change, role: str, reason: str) -> dict[str, str]:
    """Role and reason, as the event's schema wants them."""
    kind = event_types()[f"{PREFIX}{change}.v1"]
    said = {"role": role.strip(), "reason": reason.strip()}
    for name, text in said.items():
        field = kind.field(name)
        longest = field.schema["maxLength"] if field is not None else 0
        if not text or not text.isprintable() or len(text) > longest:
            raise UsageError(f"--{name} is one line of text, at most {longest} characters")
    return said


def _event(
    log: EventLog, target: Target, *, change: Change, said: dict[str, str], run_at: datetime
) -> dict[str, Any]:
    kind = event_types()[f"{PREFIX}{change}.v1"]
    event = {
        "specversion": "1.0",
        "id": str(uuid4()),
        "source": kind.sender,
        "type": kind.name,
        "time": run_at.isoformat(timespec="microseconds"),
        "datacontenttype": "application/json",
        "data": target.data | said,
    }
    return event | ({"simulated": True} if log.is_simulated else {})


def _file(connection: DuckDBPyConnection, log: EventLog, key: str) -> Target:
    """The ingested file that a content hash names."""
    algorithm, _, digest = key.rpartition(":")
    if len(digest) < SHORTEST_KEY:
        raise UsageError(
            f"a file is named by its content hash, at least {SHORTEST_KEY} characters of it"
            " (table ingest_ledger), a record by its source and its id"
        )
    names = Ledger.read(connection, log).ingested
    found = [
        content_hash
        for content_hash in names
        if content_hash.partition(":")[2].startswith(digest) and content_hash.startswith(algorithm)
    ]
    if not found:
        raise UsageError(f"the log took in no file with the content hash {key}")
    if len(found) > 1:
        raise UsageError(f"{len(found)} files have a content hash that begins with {key}")
    says_so = f"file_hash = $hash and starts_with(type, '{PREFIX}')"
    if _events(connection, log, says_so, hash=found[0]):
        raise UsageError(f"{names[found[0]]} sets records aside itself: restore these instead")
    return Target(found[0])


def _record(connection: DuckDBPyConnection, log: EventLog, source: str, identifier: str) -> Target:
    """The event of this identity."""
    rows = _events(connection, log, "source = $source and id = $id", source=source, id=identifier)
    if not rows:
        raise UsageError(f"the log holds no event {identifier!r} of source {source!r}")
    kind, content_hash = rows[0]
    if kind.startswith(PREFIX):
        raise UsageError(f"event {identifier!r} sets something aside itself: restore that instead")
    return Target(content_hash, source, identifier)


def _require_change(
    connection: DuckDBPyConnection, log: EventLog, target: Target, *, change: Change
) -> None:
    load_set_asides(connection, log, into="set_asides")
    whole_file = Target(target.content_hash)
    if target != whole_file and _is_set_aside(connection, whole_file):
        raise UsageError(f"{target} is set aside with its file, {target.content_hash}")
    is_set_aside = _is_set_aside(connection, target)
    if change == "set_aside" and is_set_aside:
        raise UsageError(f"{target} is set aside already")
    if change == "restored" and not is_set_aside:
        raise UsageError(f"{target} is not set aside: there is nothing to restore")


def _is_set_aside(connection: DuckDBPyConnection, target: Target) -> bool:
    """Whether just this target is set aside, by what was loaded of the log."""
    named = " and ".join(f"{name} = ${name}" for name in target.data)
    row = connection.execute(f"select 1 from set_asides where {named}", target.data).fetchone()
    return row is not None


def _records_of(connection: DuckDBPyConnection, log: EventLog, target: Target) -> int:
    if target.source is not None:
        return 1
    return len(_events(connection, log, "file_hash = $hash", hash=target.content_hash))


def _events(
    connection: DuckDBPyConnection, log: EventLog, condition: str, **given: str
) -> list[tuple[str, str]]:
    """Type and file of events."""
    paths = [file.path for file in readable(log, "event")]
    rows: list[tuple[str, str]] = connection.execute(
        "select type, file_hash"
        " from read_parquet($paths, union_by_name = true, hive_partitioning = false)"
        f" where {condition}",
        {"paths": paths, **given},
    ).fetchall()
    return rows
