"""Files: digests, and putting a finished file or folder in the place of another, whole."""

from __future__ import annotations

import ctypes
import errno
import fcntl
import io
import json
import os
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from stat import S_ISLNK, S_ISREG
from typing import Any

from blake3 import blake3

from core.errors import LeaseHeld

BLOCK_BYTES = 256 * 1024
"""Read at once where a file is looked through: stays in the processor's cache."""

_FOLDER = os.O_DIRECTORY | getattr(os, "O_PATH", os.O_RDONLY)
"""How a folder is opened that is only to be gone through: that needs no right to list it."""
_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY
_AT_FDCWD = -100
_RENAME_EXCHANGE = 2
_OF_LINKS = {errno.ELOOP, errno.ENOTDIR}
IS_A_LINK = "a link is not followed"
NO_FILE = "neither a file nor a folder"
_NOT_SUPPORTED = {errno.ENOSYS, errno.EINVAL, errno.ENOTSUP}


def digest_bytes(content: bytes) -> str:
    """Digest of bytes, with its algorithm in front."""
    return "blake3:" + blake3(content).hexdigest()


def digest_file(path: Path) -> str:
    """Digest of a file's bytes, with its algorithm in front."""
    with path.open("rb") as stream:
        return digest_stream(stream)


def digest_stream(stream: io.BufferedReader) -> str:
    """Digest of what is left of a stream, with its algorithm in front.

    Read in blocks: a mapped file would count as memory of ours.
    """
    buffer = memoryview(bytearray(BLOCK_BYTES))
    counts = iter(lambda: stream.readinto(buffer), 0)
    return digest_chunks(buffer[:count] for count in counts)


def digest_chunks(chunks: Iterable[bytes | memoryview]) -> str:
    """Digest of bytes that come in pieces, with its algorithm in front."""
    hasher = blake3()
    for chunk in chunks:
        hasher.update(chunk)
    return "blake3:" + hasher.hexdigest()


class NotAFile(OSError):
    """A link, a folder, a pipe, a socket or a device, where a file is to be read."""


def open_landed(path: Path) -> io.BufferedReader:
    """Open a file that others may write to, so that nothing but this file can be read by it.

    No link is followed, neither of the file nor of a folder on the way, whenever it was put there;
    and a pipe that nobody writes to is not waited for.

    Args:
        path: from the root, its folders without links (`Path.resolve`).

    Raises:
        NotAFile: something else lies there.
    """
    folder = os.open(path.anchor, _FOLDER)
    try:
        for name in path.parts[1:-1]:
            inner = os.open(name, _FOLDER | os.O_NOFOLLOW, dir_fd=folder)
            os.close(folder)
            folder = inner
        # Looked at first: to open a device may already do something.
        _check_is_file(os.stat(path.name, dir_fd=folder, follow_symlinks=False), path)
        handle = os.open(path.name, _FILE, dir_fd=folder)
    except OSError as error:
        if error.errno in _OF_LINKS:
            raise NotAFile(error.errno, IS_A_LINK, str(path)) from error
        raise
    finally:
        os.close(folder)
    stream = os.fdopen(handle, "rb")
    try:
        _check_is_file(os.fstat(handle), path)
    except NotAFile:
        stream.close()
        raise
    return stream


def _check_is_file(state: os.stat_result, path: Path) -> None:
    if S_ISLNK(state.st_mode):
        raise NotAFile(errno.ELOOP, IS_A_LINK, str(path))
    if not S_ISREG(state.st_mode):
        raise NotAFile(errno.EINVAL, NO_FILE, str(path))


def read_object(path: Path) -> dict[str, Any]:
    """The JSON object in a file; empty where there is none that can be read."""
    try:
        found = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def write_file(path: Path, content: bytes | str, *, mode: int = 0o666) -> None:
    """Write a file, its folder made where absent, so that readers see the old one or the new.

    `mode` is what the file may be read by, less what the process's mask takes away.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f".{path.name}.tmp")
    unfinished.unlink(missing_ok=True)
    descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    try:
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(content.encode() if isinstance(content, str) else content)
    except OSError as error:
        error.filename = str(path)  # a full disk doesn't say which file it had no room for
        raise
    unfinished.replace(path)


def flush(path: Path) -> None:
    """Have the bytes of a file, or the names in a folder, reach the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextmanager
def sole_writer(folder: Path) -> Iterator[None]:
    """Hold `folder` (made where absent) against other writers that ask in the same way.

    The kernel lets go of it when its holder dies.

    Raises:
        LeaseHeld: another process writes there.
    """
    folder.mkdir(parents=True, exist_ok=True)
    handle = os.open(folder, os.O_RDONLY)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise LeaseHeld(f"another run is writing to {folder}") from error
        yield
    finally:
        os.close(handle)


def replace_file(new: Path, target: Path) -> None:
    """Put the file `new` in the place of `target`, in the same folder, durably."""
    flush(new)
    new.replace(target)
    flush(target.parent)


def replace_folder(new: Path, target: Path) -> None:
    """Put the folder `new` in the place of the folder `target`, in the same parent, durably.

    The two change names in one step where the kernel and the file system can do that (Linux).
    Elsewhere the old one steps aside first; what a run that died between the two steps left
    is mended by the next one (`restore_set_aside`).
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    restore_set_aside(target)
    flush(new)
    if not target.exists():
        new.rename(target)
    elif _exchange(new, target):
        shutil.rmtree(new)
    else:
        aside = _set_aside_name(target)
        target.rename(aside)
        new.rename(target)
        shutil.rmtree(aside)
    flush(target.parent)


def restore_set_aside(target: Path) -> None:
    """Bring back what a dead run had set aside for `target`, or remove it if `target` is there."""
    aside = _set_aside_name(target)
    if not aside.exists():
        return
    if target.exists():
        shutil.rmtree(aside)
    else:
        aside.rename(target)


def _set_aside_name(target: Path) -> Path:
    return target.with_name(f".{target.name}.previous")


def _exchange(first: Path, second: Path) -> bool:
    """Swap two names in one step; False where that can't be done."""
    rename = getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None)
    if rename is None:
        return False
    done = rename(_AT_FDCWD, os.fsencode(first), _AT_FDCWD, os.fsencode(second), _RENAME_EXCHANGE)
    if done == 0:
        return True
    code = ctypes.get_errno()
    if code in _NOT_SUPPORTED:
        return False
    raise OSError(code, os.strerror(code), str(second))
