"""A copy of the event log in an object store, for readers that don't reach this machine.

Objects are named as files are below the log's folder. A commit is put once the files that it adds
are there and were read back, and only where there is none of its number. So a commit that is there
answers for its files, a mirror that was interrupted goes on, and of two logs only one gets in.
Nothing of it is ever read into the log.
"""

from __future__ import annotations

import json
import re
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from hashlib import md5
from itertools import compress, repeat
from pathlib import Path
from typing import Final

import obstore
from obstore.exceptions import AlreadyExistsError

from core.errors import IntegrityError, TakeupError
from core.files import digest_chunks, digest_file
from ingest.log.event_log import HEAD_FILE, Commit, EventLog
from ingest.log.object_store import in_one_line, store_at
from ingest.log.verification import COMMIT_NAME

DELTA_LOG: Final = "_delta_log/"
CHECKPOINT: Final = re.compile(r"(?P<version>\d{20})\.checkpoint\.")
LATEST: Final = (f"{DELTA_LOG}_last_checkpoint", HEAD_FILE)
"""The files that change: each names the version that it is of."""
AT_ONCE: Final = 8
"""Requests under way at a time: most of what one takes is waiting."""


@dataclass(frozen=True)
class Mirrored:
    """What a mirror holds now, and what was done for it: `commits` and `files` were put there
    (`size_bytes` of the files alone), `deleted` files were erased from the log."""

    address: str
    is_simulated: bool
    version: int
    head: str
    commits: int
    files: int
    size_bytes: int
    deleted: int


@dataclass(frozen=True)
class _File:
    """A file of the log. The digest of one that another writer rewrote is stated nowhere."""

    path: str
    size_bytes: int
    digest: str | None = None


def mirror(log: EventLog, address: str, *, every_byte: bool = False) -> Mirrored:
    """Bring the copy of a log at an address up to the log's version.

    What is put is read back. Of what was there before, commits are held by their bytes and files
    by their size; with `every_byte` all is read. A file that is not what its commit states is put
    again.

    Args:
        log: one that was verified.
        address: `s3://BUCKET/PREFIX`, or what else `store_at` takes.

    Raises:
        UsageError: that is not such an address.
        IntegrityError: another log is there, and nothing was written; or what was put is not
            what comes back.
        TakeupError: the store refuses, or can't be reached.
    """
    commits = [log.commit_at(version) for version in range(log.version + 1)]
    gone = _gone(log, commits)
    put: list[_File] = []
    with in_one_line(address), ThreadPoolExecutor(AT_ONCE) as pool:
        copy = _Copy(log.folder, address, every_byte=every_byte)
        list(pool.map(copy.require_own, copy.below(DELTA_LOG)))
        new = {_name(commit) for commit in commits} - copy.there.keys()
        first = min(new, default=None)
        for commit in commits:
            name = _name(commit)
            files = [file for file in _added(commit) if file.path not in gone]
            put += compress(files, pool.map(copy.bring, files, repeat(name not in new)))
            if name in new:
                copy.create(name)
            if name == first:
                copy.require_condition(name)
        for checkpoint in _checkpoints(log):
            copy.bring(checkpoint, True)
        copy.bring_latest(log.version)
        deleted = list(pool.map(copy.delete, gone & copy.there.keys()))
    return Mirrored(
        address=address,
        is_simulated=log.is_simulated,
        version=log.version,
        head=log.head(),
        commits=len(new),
        files=len(put),
        size_bytes=sum(file.size_bytes for file in put),
        deleted=len(deleted),
    )


class _Copy:
    """What lay at an address when it was listed, beside the log's folder."""

    def __init__(self, folder: Path, address: str, *, every_byte: bool) -> None:
        self._folder = folder
        self._address = address
        self._every_byte = every_byte
        self._store = store_at(address)
        self.there = {found["path"]: found for page in obstore.list(self._store) for found in page}

    def below(self, folder: str) -> list[str]:
        """Names of the objects in a folder."""
        return sorted(name for name in self.there if name.startswith(folder))

    def require_own(self, name: str) -> None:
        """Hold an object of the Delta log against the log's file of that name.

        Raises:
            IntegrityError: there is none, or it is another commit: readers would get another
                table.
        """
        local = self._folder / name
        if not local.is_file():
            raise self._diverged(f"{name} is there, which the log doesn't have")
        if COMMIT_NAME.match(local.name) and not self._holds(name, local.read_bytes()):
            raise self._diverged(f"{name} is another one there")

    def bring(self, file: _File, is_trusted: bool) -> bool:
        """Have a file there; returns whether it had to be put.

        Args:
            is_trusted: one of its size was read back before, and need not be read again.

        Raises:
            IntegrityError: other bytes come back than were put.
        """
        found = self.there.get(file.path)
        if found is not None and found["size"] == file.size_bytes:
            if is_trusted and not self._every_byte:
                return False
            if self._agrees(file):
                return False
        obstore.put(self._store, file.path, self._folder / file.path)
        if not self._agrees(file):
            raise IntegrityError(
                f"mirror {self._address}: other bytes come back of {file.path} than its commit"
                " states: run `takeup verify`, then mirror again"
            )
        return True

    def create(self, name: str) -> None:
        """Put a commit where there is none.

        Raises:
            IntegrityError: another one is there by now.
        """
        content = (self._folder / name).read_bytes()
        # One that is there may be this one: by another mirror of this log, or by a first try of
        # the client's that was answered too late.
        with suppress(AlreadyExistsError):
            obstore.put(self._store, name, content, mode="create")
        if self._read(name) != content:
            raise self._diverged(f"another writer put {name}")

    def require_condition(self, name: str) -> None:
        """Put a commit that is there once more: a store that keeps to conditions does not take it.

        Raises:
            TakeupError: it takes it, and would put one log over another.
        """
        try:
            obstore.put(self._store, name, (self._folder / name).read_bytes(), mode="create")
        except AlreadyExistsError:
            return
        raise TakeupError(
            f"mirror {self._address}: this store replaces an object where it is asked not to"
            " (If-None-Match), so that another writer's commits would be lost: mirror to another"
        )

    def bring_latest(self, version: int) -> None:
        """Put what names the newest checkpoint and commit, where it is not of a later version."""
        for name in LATEST:
            local = self._folder / name
            content = local.read_bytes() if local.is_file() else b"{}"
            if json.loads(content).get("version", version + 1) > version:
                continue
            if name not in self.there or not self._holds(name, content):
                obstore.put(self._store, name, content)

    def delete(self, name: str) -> None:
        """Delete what a commit has removed."""
        obstore.delete(self._store, name)

    def _holds(self, name: str, content: bytes) -> bool:
        """Whether an object that was listed has these bytes.

        Many stores list the MD5 of what they keep: where that is right, nothing is read.
        """
        listed = (self.there[name]["e_tag"] or "").strip('"')
        if not self._every_byte and listed == md5(content, usedforsecurity=False).hexdigest():
            return True
        return self._read(name) == content

    def _agrees(self, file: _File) -> bool:
        """Whether the bytes that come back of a file are those that its commit states."""
        digest = file.digest or digest_file(self._folder / file.path)
        return digest_chunks(obstore.get(self._store, file.path)) == digest

    def _read(self, name: str) -> bytes:
        return bytes(obstore.get(self._store, name).bytes())

    def _diverged(self, why: str) -> IntegrityError:
        return IntegrityError(
            f"mirror {self._address}: {why}. It is of another log, or was changed; nothing was"
            " written over it: mirror to an address where nothing is (docs/runbook.md, Mirror)"
        )


def _name(commit: Commit) -> str:
    return f"{DELTA_LOG}{commit.version:020d}.json"


def _added(commit: Commit) -> list[_File]:
    """The files that a commit adds."""
    stated = {part["path"]: part["digest"] for part in commit.said.get("parts", ())}
    adds = (action["add"] for action in commit.actions if "add" in action)
    return [_File(add["path"], add["size"], stated.get(add["path"])) for add in adds]


def _gone(log: EventLog, commits: list[Commit]) -> set[str]:
    """Files that a commit removed and that the log no longer has: what was erased."""
    actions = (action for commit in commits for action in commit.actions)
    removed = {action["remove"]["path"] for action in actions if "remove" in action}
    return {path for path in removed if not (log.folder / path).exists()}


def _checkpoints(log: EventLog) -> list[_File]:
    """The checkpoints up to the log's version."""
    found = ((path, CHECKPOINT.match(path.name)) for path in (log.folder / DELTA_LOG).iterdir())
    return [
        _File(f"{DELTA_LOG}{path.name}", path.stat().st_size)
        for path, match in found
        if match is not None and int(match["version"]) <= log.version
    ]
