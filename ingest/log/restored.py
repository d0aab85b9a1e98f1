"""A restored log is put in the place of the damaged one, which stays beside it.

The new one is staged whole first; from the moment it has its staged name, whoever comes next
finishes: the restore itself, or the next run.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from itertools import count
from pathlib import Path

from core.files import flush

STAGED = ".log-restored"
ASIDE = "log-damaged"


def stage(copy: Path, home: Path, *, prepare: Callable[[Path], None]) -> None:
    """Copy a log into a home under its staged name, on the disk to the last byte, after `prepare`
    has checked it there and added what it has to say."""
    unfinished = home / f"{STAGED}.tmp"
    shutil.rmtree(unfinished, ignore_errors=True)
    shutil.copytree(copy, unfinished)
    prepare(unfinished)
    flush_tree(unfinished)
    unfinished.rename(home / STAGED)
    flush(home)


def is_staged(home: Path) -> bool:
    """Whether a restored log waits to be put in its place."""
    return (home / STAGED).is_dir()


def finish(home: Path, log: Path) -> Path | None:
    """Put a staged log in its place, if there is one; returns where the one before lies now.

    Needs the lease. Killed between its two renames, it leaves a home without a log and the staged
    one, and is to be called again before anybody begins a log.
    """
    if not is_staged(home):
        return None
    staged, aside = home / STAGED, None
    if log.exists():
        aside = next(path for number in count(1) if not (path := _aside(home, number)).exists())
        log.rename(aside)
    staged.rename(log)
    flush(home)
    return aside


def flush_tree(folder: Path) -> None:
    """Have every file and folder below a folder, and itself, reach the disk."""
    for parent, _, names in os.walk(folder):
        for name in names:
            flush(Path(parent) / name)
        flush(Path(parent))


def _aside(home: Path, number: int) -> Path:
    return home / f"{ASIDE}-{number}"
