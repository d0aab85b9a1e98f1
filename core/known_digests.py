"""Digests of files that were read before, good for as long as nothing about a file has changed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from core.files import write_file

Signature = tuple[int, int, int, int]
"""Size, modification and change time in nanoseconds, inode. No program can set the change time."""


def signature_of(path: Path) -> Signature | None:
    """The signature of a file; None where there is no file."""
    try:
        state = path.stat()
    except FileNotFoundError:
        return None
    return state.st_size, state.st_mtime_ns, state.st_ctime_ns, state.st_ino


class KnownDigests:
    """Digests by path and signature, in a file that may be lost: then every file is read again.

    Args:
        index: where they are kept between runs, in a folder of a home: one that is moved keeps
            what it knows of its files. None knows nothing and keeps nothing.
    """

    def __init__(self, index: Path | None) -> None:
        self._index = index
        self._home = f"{index.parent.parent.resolve()}/" if index is not None else ""
        self._entries = _load(index)

    def find(self, path: Path, signature: Signature) -> str | None:
        """The digest of a file that still has this signature."""
        entry = self._entries.get(self._name(path), {})
        found: str | None = entry.get("hash") if entry.get("signature") == list(signature) else None
        return found

    def keep(self, path: Path, signature: Signature, digest: str) -> None:
        """Know a file from now on. `signature` was taken before the file was read."""
        self._entries[self._name(path)] = {"signature": list(signature), "hash": digest}

    def forget(self, path: Path) -> None:
        """Know a file no more: it is not there any longer."""
        self._entries.pop(self._name(path), None)

    def _name(self, path: Path) -> str:
        """A path as the index has it: of a file of the home below that, since the two move
        together."""
        return str(path).removeprefix(self._home)

    def save(self) -> None:
        """Keep what is known for the next run."""
        if self._index is None:
            return
        write_file(self._index, json.dumps(self._entries))


def _load(index: Path | None) -> dict[str, dict[str, Any]]:
    if index is None:
        return {}
    try:
        found: dict[str, dict[str, Any]] = json.loads(index.read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return {}
    if not isinstance(found, dict) or not all(isinstance(entry, dict) for entry in found.values()):
        return {}
    return found
