"""Erasures: commits that take records out of the log for ever, because the law wants that.

Such a commit names each part that it removes by its digest, says by whose authority, and adds what
else was in that part. What is gone without one is damage.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, MutableMapping
from datetime import datetime
from pathlib import Path
from typing import Any

from core.errors import UsageError
from core.files import flush
from ingest.log.columns import PARTITION
from ingest.log.compacted import forget_compacted
from ingest.log.event_log import Commit, EventLog, LogFile, another_writer, chained
from ingest.log.statistics import statistics_of


def commit_erasure(
    log: EventLog,
    removed: list[LogFile],
    parts: list[Path],
    *,
    records: int,
    rows: int,
    authority: str,
    run_at: datetime,
) -> int:
    """Commit that parts are gone and what takes their place, then remove them; returns the version.

    Written without Delta's writer, which rightly never removes from a table that is only appended
    to. Killed before the last part is removed, `remove_erased` finishes.

    Args:
        parts: written parts with the rows that stay, and ledger rows with the new counts.
        records: how many records are erased; each may have several rows.
        rows: how many rows fewer the parts have than the removed ones.
    """
    digests = digests_of(log)
    forget_compacted(log)
    gone = [
        {"path": log.below(file), "digest": digests[log.below(file)], "row_count": file.row_count}
        for file in removed
    ]
    erased = {"authority": authority, "records": records, "rows": rows, "parts": gone}
    described, metadata = chained(log, parts, run_at=run_at, says={"erased": erased})
    moment = int(run_at.timestamp() * 1000)
    info = {"timestamp": moment, "operation": "DELETE", "operationParameters": {}, **metadata}
    removes = [
        {
            "path": log.below(file),
            "deletionTimestamp": moment,
            "dataChange": True,
            "partitionValues": {PARTITION: file.record_kind},
            "size": Path(file.path).stat().st_size,
        }
        for file in removed
    ]
    adds = [
        {
            "path": part.path,
            "partitionValues": {PARTITION: part.record_kind},
            "size": part.size_bytes,
            "modificationTime": moment,
            "dataChange": True,
            "stats": statistics_of(log.folder / part.path),
        }
        for part in described
    ]
    actions = [{"commitInfo": info}, *({"remove": one} for one in removes)]
    version = log.version + 1
    _write_commit(log, version, [*actions, *({"add": one} for one in adds)])
    log.adopt(version)
    remove_erased(log)
    return version


def remove_erased(log: EventLog) -> list[Path]:
    """Remove files that a commit has erased and that are still there; returns them. Needs the
    lease."""
    left = [
        path
        for version in range(log.version + 1)
        for name in erased_paths(log.commit_at(version))
        if (path := log.folder / name).exists()
    ]
    for path in left:
        path.unlink()
        flush(path.parent)
    return left


def erased_paths(commit: Commit) -> list[str]:
    """Paths of the parts that a commit erases."""
    return [part["path"] for part in commit.said.get("erased", {}).get("parts", ())]


def erasure_note(commit: Commit) -> str | None:
    """What a commit says of what it erases; None where it erases nothing."""
    erased = commit.said.get("erased")
    if erased is None:
        return None
    count = erased["records"]
    return (
        f"version {commit.version} erased {count:,} record{'' if count == 1 else 's'} on"
        f" {commit.said['run_at'][:10]}, by authority of: {erased['authority']}"
    )


def check_erasure(
    folder: Path, commit: Commit, live: MutableMapping[str, dict[str, Any] | None]
) -> Iterator[str]:
    """Hold an erasure against the parts that were live before it, and take them out of these."""
    erased = commit.said.get("erased")
    if erased is None:
        return
    for part in erased["parts"]:
        before = live.pop(part["path"], None)
        if before is None or before["digest"] != part["digest"]:
            yield f"commit {commit.version}: it erases what was not there: {part['path']}"
        if (folder / part["path"]).exists():
            yield (
                f"commit {commit.version}: what it erased is still there, erase it again:"
                f" {part['path']}"
            )
    kept = [part for part in commit.said["parts"] if part["record_kind"] != "file"]
    gone = sum(part["row_count"] for part in erased["parts"])
    if gone - sum(part["row_count"] for part in kept) != erased["rows"]:
        yield f"commit {commit.version}: it erases other rows than it says"


def digests_of(log: EventLog) -> dict[str, str]:
    """Digest of each part that the log's commits have added.

    Raises:
        UsageError: another writer has rewritten parts: their old bytes have to stay, so that
            nothing can be erased.
    """
    found: dict[str, str] = {}
    for version in range(log.version + 1):
        commit = log.commit_at(version)
        if commit.facts is None and any("add" in action for action in commit.actions):
            raise UsageError(
                f"version {version} of the log is a rewrite by another writer: nothing can be"
                " erased from what it rewrote"
            )
        found |= {part["path"]: part["digest"] for part in commit.said.get("parts", ())}
    return found


def _write_commit(log: EventLog, version: int, actions: list[dict[str, Any]]) -> None:
    """Write a commit file, whole or not at all, and never over another one."""
    path = log.path_of_commit(log.folder, version)
    unfinished = path.with_name(f".{path.name}.tmp")
    unfinished.write_text("\n".join(json.dumps(action) for action in actions), encoding="utf-8")
    flush(unfinished)
    try:
        os.link(unfinished, path)
    except FileExistsError as error:
        raise another_writer(log.folder, version) from error
    finally:
        unfinished.unlink()
    flush(path.parent)
