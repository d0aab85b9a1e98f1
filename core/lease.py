"""The lease that keeps two runs of one home apart: a `flock` that the kernel releases."""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from core.errors import LeaseHeld, TakeupError

FILE_NAME = ".lease"
_held: set[Path] = set()


@contextmanager
def lease(home: Path, *, purpose: str) -> Iterator[None]:
    """Hold the home's lease; within one process a step may take it again.

    The file stays after the run: only the lock on it counts, so a holder that died, however
    it died, holds nothing.

    Raises:
        LeaseHeld: another process works on this home.
        TakeupError: the home can't be written.
    """
    if home in _held:
        yield
        return
    path = home / FILE_NAME
    try:
        home.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    except OSError as error:
        raise TakeupError(f"home {home} can't be written: {error.strerror}") from error
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise LeaseHeld(
                f"another run works on {home} ({holder(home)}): let it finish"
            ) from error
        holding = {"pid": os.getpid(), "purpose": purpose, "since": datetime.now(UTC).isoformat()}
        try:
            os.ftruncate(descriptor, 0)
            os.pwrite(descriptor, json.dumps(holding).encode(), 0)
        except OSError as error:
            raise TakeupError(f"home {home} can't be written: {error.strerror}") from error
        _held.add(home)
        try:
            yield
        finally:
            _held.discard(home)
            os.ftruncate(descriptor, 0)
    finally:
        os.close(descriptor)


def holder(home: Path) -> str:
    """Who holds the lease, as far as its file says."""
    try:
        held = json.loads((home / FILE_NAME).read_text(encoding="utf-8"))
        return f"{held['purpose']}, process {held['pid']}, since {held['since'][:19]}Z"
    except (OSError, ValueError, KeyError, TypeError):
        return "unknown holder"


def is_held(home: Path) -> bool:
    """Whether another process holds the lease now."""
    try:
        descriptor = os.open(home / FILE_NAME, os.O_RDWR)
    except OSError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    else:
        return False
    finally:
        os.close(descriptor)
