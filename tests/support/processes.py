"""Processes of this machine, as the kernel lists them."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path


def _all() -> Iterator[int]:
    return (int(path.name) for path in Path("/proc").glob("[0-9]*"))


def started_by(parent: int) -> list[int]:
    """The children of a process."""
    found = []
    for process in _all():
        with suppress(OSError):
            stat = Path(f"/proc/{process}/stat").read_text()
            if int(stat.rpartition(")")[2].split()[1]) == parent:
                found.append(process)
    return found


def of_sessions(leaders: Iterable[int]) -> list[int]:
    """Every process of some sessions."""
    found, wanted = [], set(leaders)
    for process in _all():
        with suppress(OSError):
            if os.getsid(process) in wanted:
                found.append(process)
    return found


def command_of(process: int) -> str:
    """Its command line."""
    return Path(f"/proc/{process}/cmdline").read_text().replace("\0", " ")
