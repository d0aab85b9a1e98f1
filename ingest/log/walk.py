"""Follow the hash chain from commit to commit, and hold what each says against what it does.

How far it was followed is kept beside what is known of the files, so that a night follows it on
from there: what commits say is read once, not every night again.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from core.errors import IntegrityError
from core.files import digest_bytes, digest_file, write_file
from core.known_digests import Signature, signature_of
from ingest.log import chain
from ingest.log.columns import PARTITION
from ingest.log.epochs import epoch_note
from ingest.log.erasures import check_erasure, erased_paths, erasure_note
from ingest.log.event_log import Commit, EventLog
from ingest.log.rows import rows_that_differ


@dataclass
class Walk:
    """What the commits up to `version` say: links by version, files by path, which of them were
    rewritten, the epoch, what is to be known of it; and every problem that was found.

    A file of which nothing is stated any more, because it was rewritten, is None. `link` is that of
    the newest commit of ours, `digest` that of the newest commit file.
    """

    version: int = -1
    link: str = chain.GENESIS
    digest: str = ""
    epoch: int = 1
    commits: int = 0
    links: dict[int, str] = field(default_factory=dict)
    live: dict[str, dict[str, Any] | None] = field(default_factory=dict)
    replaced: set[str] = field(default_factory=set)
    notes: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


def walk_chain(folder: Path, newest: int, *, kept: Path | None) -> Walk:
    """Follow the chain to the newest commit.

    Args:
        kept: file that says how far it was followed before: from there on, if no commit file up to
            there has changed since. It may be lost; None follows the chain from the first commit.
    """
    if kept is None:
        walk, signatures = Walk(), []
    else:
        # Before they are read: one that changes meanwhile is read again the next time.
        signatures = [
            signature_of(EventLog.path_of_commit(folder, version)) for version in range(newest + 1)
        ]
        walk = _kept(kept, signatures) or Walk()
    begun = walk.version
    for version in range(begun + 1, newest + 1):
        _follow(folder, version, walk)
    if kept is not None and not walk.problems and walk.version > begun:
        said = asdict(walk) | {"replaced": sorted(walk.replaced)}
        state = {"signature": _digest_of(signatures), "walk": said}
        write_file(kept, json.dumps(state))
    return walk


def _follow(folder: Path, version: int, walk: Walk) -> None:
    """Go on by one commit."""
    walk.version = version
    try:
        commit = EventLog.read_commit(folder, version)
    except IntegrityError as error:
        walk.problems.append(str(error))
        walk.digest = ""
        return
    walk.commits += 1
    if commit.facts is None or commit.link is None:
        walk.problems.extend(_check_rewrite(folder, commit, walk))
    else:
        if commit.link != chain.link(walk.link, walk.digest, commit.facts):
            walk.problems.append(
                f"commit {version}: its link does not follow from commit {version - 1}: "
                f"one of the two was changed ({name_of(folder, version)})"
            )
        walk.problems.extend(_check_actions(commit))
        walk.problems.extend(_check_epoch(commit, walk))
        walk.problems.extend(check_erasure(folder, commit, walk.live))
        walk.notes.extend(filter(None, (epoch_note(commit), erasure_note(commit))))
        walk.link = walk.links[version] = commit.link
        walk.live |= {part["path"]: _stated(part) for part in commit.facts["parts"]}
    walk.digest = commit.digest


def _stated(part: dict[str, Any]) -> dict[str, Any]:
    """What a part is held against."""
    return {name: part[name] for name in ("path", "size_bytes", "digest")}


def _kept(kept: Path, signatures: list[Signature | None]) -> Walk | None:
    """The walk that was kept; None where there is none, or a commit file of it has changed."""
    try:
        state = json.loads(kept.read_text(encoding="utf-8"))
        walk = Walk(**state["walk"])
        walk.links = {int(version): link for version, link in walk.links.items()}
        walk.replaced = set(walk.replaced)
        is_same = state["signature"] == _digest_of(signatures[: walk.version + 1])
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None
    return walk if is_same else None


def _digest_of(signatures: list[Signature | None]) -> str:
    """One digest for the signatures of many files."""
    return digest_bytes(json.dumps(signatures).encode())


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


def _check_epoch(commit: Commit, walk: Walk) -> Iterator[str]:
    """An epoch begins with the commit that says of which copy it goes on, and only there."""
    epoch, restored = commit.said["epoch"], commit.said.get("restored")
    if restored is None:
        if epoch != walk.epoch:
            yield f"commit {commit.version}: it is of epoch {epoch}, which no commit began"
    elif (epoch, restored["version"], restored["head"]) != (
        walk.epoch + 1,
        commit.version - 1,
        walk.link,
    ):
        yield f"commit {commit.version}: the epoch that it begins does not follow what is before it"
    walk.epoch = epoch


def _check_rewrite(folder: Path, commit: Commit, walk: Walk) -> Iterator[str]:
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
    difference = rows_that_differ(old, new)
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


def name_of(folder: Path, version: int) -> str:
    """Name of a commit's file."""
    return EventLog.path_of_commit(folder, version).name
