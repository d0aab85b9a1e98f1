"""What lies in a landing folder: files that are ready, with their content hash.

A file waits while it is still being written: dotfiles, `.tmp`, `.part`, or a size or time
that differs between two looks a second apart; never by age. One that changes later, while its
records are read, waits as well. Nothing outside the folder is read, and no link is followed:
what is not a file is passed over aloud. Landing files are read, never changed.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from stat import S_ISLNK, S_ISREG

from core.files import IS_A_LINK, NO_FILE, NotAFile, digest_stream, open_landed
from core.known_digests import KnownDigests, Signature, signature_of
from core.terminal import printable

BLOCK_OF_DISK = 512
"""Bytes of what a file says that it takes on the disk."""
SECONDS_BETWEEN_SIGNATURES = 1.0
TEMPORARY_SUFFIXES = (".tmp", ".part")


@dataclass(frozen=True)
class LandedFile:
    """One file that is ready: its name below the landing folder, path, size and content hash.

    No folder on the path is a link: it is read by `open_landed` and nothing else. `signature` was
    taken before it was hashed; None where there is none.
    """

    name: str
    path: Path
    size_bytes: int
    content_hash: str
    signature: Signature | None = None

    def has_changed(self) -> bool:
        """Whether what is read now may be other than what was hashed.

        One that is gone has not: whoever has it open still reads what was hashed.
        """
        return self.signature is not None and signature_of(self.path) not in (self.signature, None)


@dataclass
class Landing:
    """What was found: files in content-hash order, names that wait, names that are passed over."""

    files: list[LandedFile] = field(default_factory=list)
    waiting: list[str] = field(default_factory=list)
    refused: list[tuple[str, str]] = field(default_factory=list)


def scan(
    paths: Iterable[Path],
    *,
    index: Path | None,
    most_bytes: int | None = None,
    pause: float = SECONDS_BETWEEN_SIGNATURES,
) -> Landing:
    """Find the files under `paths` (folders or single files) and hash those that are ready.

    Args:
        paths: a landing folder, or files and folders named on a command line.
        index: file of `KnownDigests`; None hashes all.
        most_bytes: what a file may have that is larger than what it takes on the disk: to hash
            its holes could take for ever.
        pause: seconds between the two signatures of files that the index does not know.
    """
    landing = Landing()
    known = KnownDigests(index)
    first: dict[Path, tuple[str, Signature]] = {}
    for root in paths:
        # The folder itself may be a link: whoever named it chose what it leads to.
        base = (root if root.is_dir() else root.parent).resolve()
        for path in _walk(base if root.is_dir() else base / root.name):
            name = shown_name(path.relative_to(base).as_posix())
            if _is_temporary(path):
                landing.waiting.append(name)
            elif (why := _why_not(path, most_bytes)) is not None:
                landing.refused.append((name, why))
            elif (signature := signature_of(path)) is not None:
                first[path] = (name, signature)
    began = time.monotonic()
    hashes = {path: known.find(path, signature) for path, (_, signature) in first.items()}
    fresh = {path for path, found in hashes.items() if found is None}
    for path in fresh:
        try:
            hashes[path] = _hash(path)
        except (PermissionError, NotAFile) as error:
            landing.refused.append((first.pop(path)[0], str(error.strerror)))
    if fresh:
        time.sleep(max(0.0, pause - (time.monotonic() - began)))
    found: set[tuple[str, str]] = set()
    for path, (name, signature) in first.items():
        content_hash = hashes[path]
        if content_hash is None or (path in fresh and signature_of(path) != signature):
            landing.waiting.append(name)
            continue
        known.keep(path, signature, content_hash)
        if (name, content_hash) not in found:
            found.add((name, content_hash))
            landing.files.append(LandedFile(name, path, signature[0], content_hash, signature))
    landing.files.sort(key=lambda file: (file.content_hash, file.name))
    known.save()
    return landing


def shown_name(name: str) -> str:
    """A file's name as it may be stored and shown: what would steer a terminal, turn the reading
    direction or is not UTF-8 is escaped (`na\\x1bme`)."""
    return printable(name, keep="")


def _walk(root: Path) -> Iterator[Path]:
    if not root.is_dir():
        yield root
        return
    for folder, folders, names in os.walk(root):
        # Linked folders are not walked into; as names they are passed over aloud.
        links = [name for name in folders if (Path(folder) / name).is_symlink()]
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted([*names, *links]):
            yield Path(folder) / name


def _is_temporary(path: Path) -> bool:
    return path.name.startswith(".") or path.name.lower().endswith(TEMPORARY_SUFFIXES)


def _why_not(path: Path, most_bytes: int | None) -> str | None:
    """Why a file is not even hashed; None where it is."""
    try:
        state = path.lstat()
    except FileNotFoundError:
        return None
    if S_ISLNK(state.st_mode):
        return IS_A_LINK
    if not S_ISREG(state.st_mode):
        return NO_FILE
    is_too_large = most_bytes is not None and state.st_size > most_bytes
    if is_too_large and state.st_blocks * BLOCK_OF_DISK < state.st_size:
        return f"it says that it has {state.st_size:,} bytes, and most are holes"
    return None


def _hash(path: Path) -> str | None:
    """Hash of a file's content; None when it is gone meanwhile."""
    try:
        with open_landed(path) as stream:
            return digest_stream(stream)
    except FileNotFoundError:
        return None
