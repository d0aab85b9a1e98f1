"""Walk the hash chain and hold the log's files against what their commits recorded."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Set
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from core.errors import IntegrityError, TakeupError, UsageError
from core.files import digest_file
from core.known_digests import KnownDigests, signature_of
from core.sql import connect, one_value, quote
from ingest.log import chain
from ingest.log.columns import PARTITION, declared, no_records
from ingest.log.epochs import epoch_note
from ingest.log.erasures import check_erasure, erased_paths, erasure_note
from ingest.log.event_log import HEAD_FILE, Commit, EventLog

COMMIT_NAME = re.compile(r"^(\d{20})\.json$")


@dataclass
class Verification:
    """What was walked, what is to be known of it (each epoch), and every problem that was found,
    each in one line."""

    commits: int = 0
    files: int = 0
    head: str | None = None
    notes: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    def require_sound(self) -> None:
        """Raises: IntegrityError: with every problem, when there is one."""
        if self.problems:
            raise IntegrityError("the event log is damaged:\n  " + "\n  ".join(self.problems))


def verify(
    folder: Path,
    *,
    recorded_heads: dict[str, tuple[int, str]] | None = None,
    index: Path | None = None,
) -> Verification:
    """Check every commit, link and file of a log.

    Args:
        folder: the log.
        index: file of `KnownDigests`: what was read before and has its signature is not read
            again, so that a night costs what it brings. None reads every byte.
        recorded_heads: version and link that something outside the log remembers (the
            published file, a pack), by its name: they show a chain that was cut at its end.

    Raises:
        UsageError: there is no log.
    """
    if not (folder / "_delta_log").is_dir():
        raise UsageError(f"no event log in {folder}: ingest something first")
    found = Verification()
    versions = sorted(
        int(match[1])
        for path in (folder / "_delta_log").glob("*.json")
        if (match := COMMIT_NAME.match(path.name))
    )
    if not versions:
        found.problems.append(f"no commit in {folder / '_delta_log'}")
        return found
    walk = _walk(folder, max(versions), found)
    known = KnownDigests(index)
    for path, part in sorted(walk.live.items()):
        if part is None:
            continue
        found.files += 1
        found.problems.extend(_check_file(folder / path, part, known))
    known.save()
    found.problems.extend(_check_head(folder, max(versions), own_commits=len(walk.links)))
    found.problems.extend(_check_reader(folder, walk.live.keys() - walk.replaced))
    for name, (version, link) in (recorded_heads or {}).items():
        if version not in walk.links:
            found.problems.append(f"{name} was made from log version {version}, which is not there")
        elif walk.links[version] != link:
            found.problems.append(f"{name} names another chain at log version {version}")
    return found


@dataclass
class _Walk:
    """What the commits say: links by version, files by path, which of them were rewritten, and the
    epoch.

    A file of which nothing is stated any more, because it was rewritten, is None.
    """

    links: dict[int, str] = field(default_factory=dict)
    live: dict[str, dict[str, Any] | None] = field(default_factory=dict)
    replaced: set[str] = field(default_factory=set)
    epoch: int = 1


def _walk(folder: Path, newest: int, found: Verification) -> _Walk:
    """Follow the chain from the first commit to the newest."""
    walk = _Walk()
    previous, previous_digest = chain.GENESIS, ""
    for version in range(newest + 1):
        try:
            commit = EventLog.read_commit(folder, version)
        except IntegrityError as error:
            found.problems.append(str(error))
            previous_digest = ""
            continue
        found.commits += 1
        if commit.facts is None or commit.link is None:
            found.problems.extend(_check_rewrite(folder, commit, walk))
        else:
            if commit.link != chain.link(previous, previous_digest, commit.facts):
                found.problems.append(
                    f"commit {version}: its link does not follow from commit {version - 1}: "
                    f"one of the two was changed ({_name(folder, version)})"
                )
            found.problems.extend(_check_actions(commit))
            found.problems.extend(_check_epoch(commit, walk, previous))
            found.problems.extend(check_erasure(folder, commit, walk.live))
            found.notes.extend(filter(None, (epoch_note(commit), erasure_note(commit))))
            previous = walk.links[version] = commit.link
            walk.live |= {part["path"]: part for part in commit.facts["parts"]}
        previous_digest = commit.digest
    found.head = previous
    return walk


def _check_reader(folder: Path, expected: Set[str]) -> Iterator[str]:
    """What readers of the table get: they trust a checkpoint, so it must list the same files."""
    try:
        seen = {
            Path(file.path).relative_to(folder).as_posix() for file in EventLog.open(folder).files()
        }
    except TakeupError as error:
        yield str(error)
        return
    for path in sorted(expected - seen):
        yield f"readers pass over a file that a commit added: {path}"
    for path in sorted(seen - expected):
        yield f"readers get a file that no commit of this pipeline added: {path}"


def _check_head(folder: Path, newest: int, *, own_commits: int) -> Iterator[str]:
    """The record of the newest commit: one behind after a run that died, never ahead.

    It is there from the first batch on, unless that very run died.
    """
    try:
        head = json.loads((folder / HEAD_FILE).read_text(encoding="utf-8"))
        version, digest = int(head["version"]), head["commit"]
    except FileNotFoundError:
        if own_commits > 2:
            yield f"{HEAD_FILE} is missing"
        return
    except (ValueError, KeyError, TypeError):
        yield f"{HEAD_FILE} can't be read"
        return
    if version > newest:
        yield (
            f"commit {version} is missing: the log ends at {newest}, its head file says {version}"
        )
    elif (
        EventLog.path_of_commit(folder, version).is_file()
        and EventLog.read_commit_digest(folder, version) != digest
    ):
        yield f"commit {version}: its file was changed ({_name(folder, version)})"


def _check_actions(commit: Commit) -> Iterator[str]:
    assert commit.facts is not None
    parts = {part["path"]: part for part in commit.facts["parts"]}
    added = {action["add"]["path"]: action["add"] for action in commit.actions if "add" in action}
    for path in sorted(parts.keys() ^ added.keys()):
        where = "its facts" if path in parts else "its actions"
        yield f"commit {commit.version}: {path} is only in {where}"
    for path in sorted(parts.keys() & added.keys()):
        part, action = parts[path], added[path]
        stated = (
            action.get("size"),
            json.loads(action.get("stats") or "{}").get("numRecords"),
            (action.get("partitionValues") or {}).get(PARTITION),
        )
        if stated != (part["size_bytes"], part["row_count"], part["record_kind"]):
            yield f"commit {commit.version}: its action on {path} was changed"
    removed = {action["remove"]["path"] for action in commit.actions if "remove" in action}
    if removed != set(erased_paths(commit)):
        yield f"commit {commit.version}: it removes files, which an append never does"


def _check_epoch(commit: Commit, walk: _Walk, previous: str) -> Iterator[str]:
    """An epoch begins with the commit that says of which copy it goes on, and only there."""
    epoch, restored = commit.said["epoch"], commit.said.get("restored")
    if restored is None:
        if epoch != walk.epoch:
            yield f"commit {commit.version}: it is of epoch {epoch}, which no commit began"
    elif (epoch, restored["version"], restored["head"]) != (
        walk.epoch + 1,
        commit.version - 1,
        previous,
    ):
        yield f"commit {commit.version}: the epoch that it begins does not follow what is before it"
    walk.epoch = epoch


def _check_file(path: Path, part: dict[str, Any], known: KnownDigests) -> Iterator[str]:
    signature = signature_of(path) if path.is_file() else None
    if signature is None:
        yield f"file is missing: {part['path']}"
        return
    size, *_ = signature
    if size != part["size_bytes"]:
        yield f"file has {size} bytes instead of {part['size_bytes']}: {part['path']}"
        return
    digest = known.find(path, signature) or digest_file(path)
    if digest != part["digest"]:
        yield f"file was changed: {part['path']}"
        return
    known.keep(path, signature, digest)


def _check_rewrite(folder: Path, commit: Commit, walk: _Walk) -> Iterator[str]:
    """A foreign commit may only rewrite files (compaction), and must keep every row."""
    adds = [action["add"] for action in commit.actions if "add" in action]
    removes = [action["remove"] for action in commit.actions if "remove" in action]
    if not adds and not removes:
        return
    if any(action.get("dataChange", True) for action in (*adds, *removes)) or not (
        adds and removes
    ):
        yield f"commit {commit.version}: it was not made by this pipeline and changes data"
        return
    old = [str(folder / action["path"]) for action in removes]
    new = [str(folder / action["path"]) for action in adds]
    missing = [path for path in (*old, *new) if not Path(path).is_file()]
    if missing:
        yield f"commit {commit.version}: it rewrites files that are missing: {missing[0]}"
        return
    difference = _rows_that_differ(old, new)
    if difference:
        yield f"commit {commit.version}: its rewrite changed {difference} rows"
    for action in removes:
        walk.live[action["path"]] = walk.live.get(action["path"])
        walk.replaced.add(action["path"])
    for action in adds:
        walk.live[action["path"]] = {
            "path": action["path"],
            "size_bytes": action["size"],
            "digest": digest_file(folder / action["path"]),
        }


def _rows_that_differ(old: list[str], new: list[str]) -> int:
    columns = ", ".join(declared())

    def rows(paths: list[str]) -> str:
        files = ", ".join(map(quote, paths))
        return (
            f"select {columns} from ({no_records()} union all by name select * from"
            f" read_parquet([{files}], union_by_name = true, hive_partitioning = false))"
        )

    with connect() as connection:
        found: int = one_value(
            connection,
            f"select count(*) from (({rows(old)} except all {rows(new)})"
            f" union all ({rows(new)} except all {rows(old)}))",
        )
    return found


def _name(folder: Path, version: int) -> str:
    return EventLog.path_of_commit(folder, version).name
