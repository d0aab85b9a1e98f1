"""Limits of the machine that a run may meet: room, permission, open files, memory; and what to do.

They come in the words of the system, of DuckDB, of the log's keeper and of Python, and each of
these wraps them in errors of its own: it is their words that tell them.
"""

from __future__ import annotations

import errno
import re
from collections.abc import Iterator
from typing import Final

from core.errors import TakeupError, UsageError

_AGAIN: Final = "then run it again"
_LIMITS: Final[tuple[tuple[tuple[str, ...], str], ...]] = (
    (
        ("no space left on device", "disk quota exceeded", "not enough space", "disk is full"),
        f"free room on that disk, {_AGAIN}",
    ),
    (
        ("permission denied", "operation not permitted", "read-only file system"),
        f"let the user who runs it read and write there, {_AGAIN}",
    ),
    (
        ("too many open files",),
        f"allow more open files (ulimit -n), {_AGAIN}",
    ),
    (
        ("out of memory error",),  # DuckDB's own, which may have a limit below the machine's
        f"raise TAKEUP_MEMORY_LIMIT as memory allows, or lower TAKEUP_BATCH_BYTES, {_AGAIN}",
    ),
    (
        (
            *("out of memory", "memory allocation", "cannot allocate memory", "bad_alloc"),
            *("memoryerror", "can't start new thread", "resource temporarily unavailable"),
            *("failed to map segment", "malloc"),
        ),
        f"lower TAKEUP_MEMORY_LIMIT or TAKEUP_BATCH_BYTES, or give it more memory, {_AGAIN}",
    ),
)
_CAUSED_BY: Final = "\u21b3"
"""Heads each line of an error of the log's keeper after the first, which says the least."""
_STYLE: Final = re.compile("\x1b\\[[0-9;]*m")


def unreadable(said: str, error: OSError) -> TakeupError:
    """That a file of the project can't be read: the fault of what lies there or doesn't, unless the
    machine has no handle or memory for it, which may pass."""
    is_passing = error.errno in (errno.EMFILE, errno.ENFILE, errno.ENOMEM)
    return TakeupError(said) if is_passing else UsageError(said)


def remedy_for(said: str) -> str | None:
    """What to do about a limit that an error's words are about; None where they are about none."""
    said = said.lower()
    found = (remedy for words, remedy in _LIMITS if any(word in said for word in words))
    return next(found, None)


def with_remedy(said: str, *, told_by: str = "") -> str:
    """An error's words, with what to do where they, or all its words, are about a limit."""
    remedy = remedy_for(said) or remedy_for(told_by)
    return said if remedy is None or remedy in said else f"{said}: {remedy}"


def limit_met(error: BaseException) -> str | None:
    """The limit that an error comes from, itself or by what caused it, in one line that says what,
    where and what to do; None where it comes from none."""
    for one in _causes(error):
        said = _words(one)
        if remedy_for(said) or remedy_for(str(one)):
            return with_remedy(said, told_by=str(one))
    return None


def _causes(error: BaseException) -> Iterator[BaseException]:
    seen: set[int] = set()
    one: BaseException | None = error
    while one is not None and id(one) not in seen:
        seen.add(id(one))
        yield one
        one = one.__cause__ or (None if one.__suppress_context__ else one.__context__)


def _words(error: BaseException) -> str:
    if isinstance(error, OSError) and error.strerror:
        where = error.filename2 or error.filename  # of two, the one that was written
        return f"{error.strerror}: {where}" if where else error.strerror
    first, *causes = _STYLE.sub("", str(error)).strip().splitlines() or [""]
    if causes and causes[0].lstrip().startswith(_CAUSED_BY):
        return ": ".join(cause.lstrip(f" {_CAUSED_BY}") for cause in causes)
    if isinstance(error, MemoryError):
        return f"out of memory ({first})" if first else "out of memory"
    return first or type(error).__name__
