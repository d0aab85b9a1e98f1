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
from ingest.log.event_log import HEAD_FILE, EventLog
from ingest.log.walk import name_of, walk_chain

WALK = "verified_commits.json"
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
        index: file of `KnownDigests`, with how far the chain was followed beside it: what was read
            before and has its signature is not read again, so that a night costs what it brings.
            None reads every byte.
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
    kept = None if index is None else index.with_name(WALK)
    walk = walk_chain(folder, max(versions), kept=kept)
    found.commits, found.head, found.notes = walk.commits, walk.link, walk.notes
    found.problems.extend(walk.problems)
    known = KnownDigests(index)
    for path, part in sorted(walk.live.items()):
        if part is None:
            continue
        found.files += 1
        found.problems.extend(_check_file(folder / path, part, known))
    found.problems.extend(_check_head(folder, max(versions), own_commits=len(walk.links)))
    found.problems.extend(_check_reader(folder, walk.live.keys() - walk.replaced))
    known.save()
    for name, (version, link) in (recorded_heads or {}).items():
        if version not in walk.links:
            found.problems.append(f"{name} was made from log version {version}, which is not there")
        elif walk.links[version] != link:
            found.problems.append(f"{name} names another chain at log version {version}")
    return found


def _check_reader(folder: Path, expected: Set[str]) -> Iterator[str]:
    """What readers of the table get: they trust a checkpoint, so it must list the same files."""
    try:
        log = EventLog.open(folder)
        seen = {log.below(file) for file in log.files()}
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
        yield f"commit {version}: its file was changed ({name_of(folder, version)})"


def _check_file(path: Path, part: dict[str, Any], known: KnownDigests) -> Iterator[str]:
    signature = signature_of(path)
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
