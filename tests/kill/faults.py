"""What a machine does to a run: kills it, has no room, no permission, no handles or no memory.

Each is a `Fault` of a run that stands still: it comes over the run before it goes on, and the
machine is well again afterwards.
"""

from __future__ import annotations

import os
import random
import resource
import signal
import stat
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import cache
from itertools import count, islice
from pathlib import Path
from shutil import which
from tempfile import TemporaryDirectory
from typing import Final, Literal

from tests.kill.processes import UNPRIVILEGED, Fault, Struck

Kind = Literal["kill", "disk", "folder", "handles", "memory", "clock"]
KINDS: Final[tuple[Kind, ...]] = ("kill", "disk", "folder", "handles", "memory", "clock")
DISK: Final = "400m"
ROOM_LEFT: Final = (0, 0, 4_096, 64 * 1024, 1_000_000)
"""Bytes that a full disk has left: none, a page, enough for a small file, for a part."""
HANDLES_LEFT: Final = 4
MEMORY_LEFT: Final = 24 * 1024**2
"""What a run may open and take at most, beyond what it has."""
MOVES: Final = {
    "an hour back, over a change of the clocks in London": -3600,
    "three hours back, over midnight": -3 * 3600,
    "a day back": -24 * 3600,
    "an hour ahead, into the same hour of winter time": 3600,
    "a day ahead": 24 * 3600,
}
"""Seconds by which a clock is moved that stands at 01:30 of the 25th of October 2015 in London."""
FOLDERS: Final = {
    "land": "warehouse",
    "ingest": "log",
    "archive": "landing",
    "gate_log": "warehouse",
    "build": "warehouse",
    "gate_warehouse": "warehouse",
    "publish": "published",
    "retention": "warehouse",
    "pack": "exports",
    "pages": "site",
    "runs": "site",
}
"""Where each step writes first of all."""


def fault_of(kind: Kind, step: str, chance: random.Random) -> Fault:
    """A fault of a kind, as hard as chance has it."""
    faults: dict[Kind, Callable[[], Fault]] = {
        "kill": lambda: killed(spares_children=chance.random() < 0.5),
        "disk": lambda: full_disk(left=chance.choice(ROOM_LEFT)),
        "folder": lambda: read_only(chance.choice(("", FOLDERS.get(step, "")))),
        "handles": lambda: few_handles(left=chance.randint(0, HANDLES_LEFT)),
        "memory": lambda: little_memory(left=int(MEMORY_LEFT * chance.random() ** 2)),
        "clock": lambda: nothing,
    }
    return faults[kind]()


def killed(*, spares_children: bool) -> Fault:
    """SIGKILL: of the run's own process alone, as someone does it by its number or a machine that
    runs out of memory, or of all that it has started as well."""

    @contextmanager
    def fault(struck: Struck) -> Iterator[None]:
        if spares_children:
            os.kill(struck.leader, signal.SIGKILL)
        else:
            os.killpg(struck.leader, signal.SIGKILL)
        yield

    return fault


def full_disk(*, left: int) -> Fault:
    """The disk that the home lies on, which is small, has hardly a byte left."""

    @contextmanager
    def fault(struck: Struck) -> Iterator[None]:
        ballast = struck.home.parent / "ballast"
        with ballast.open("wb") as stream, suppress(OSError):
            state = os.statvfs(struck.home)
            os.posix_fallocate(stream.fileno(), 0, state.f_bavail * state.f_frsize - left)
        try:
            yield
        finally:
            ballast.unlink()

    return fault


def read_only(below: str) -> Fault:
    """A folder of the home, or all of it, can't be written: what is open already can."""

    @contextmanager
    def fault(struck: Struck) -> Iterator[None]:
        folders = [Path(parent) for parent, _, _ in os.walk(struck.home / below)]
        modes = {folder: stat.S_IMODE(folder.stat().st_mode) for folder in folders}
        for folder in modes:
            folder.chmod(0o555)
        try:
            yield
        finally:
            for folder, mode in modes.items():
                with suppress(FileNotFoundError):
                    folder.chmod(mode)

    return fault


def few_handles(*, left: int) -> Fault:
    """No process of the run may open more than a few files beyond those that it has open."""

    @contextmanager
    def fault(struck: Struck) -> Iterator[None]:
        for process in struck.processes():
            opened = {int(entry.name) for entry in Path(f"/proc/{process}/fd").iterdir()}
            free = (number for number in count() if number not in opened)
            _limit(process, resource.RLIMIT_NOFILE, next(islice(free, left, None)))
        yield

    return fault


def little_memory(*, left: int) -> Fault:
    """No process of the run may take more than a little memory beyond what it has."""

    @contextmanager
    def fault(struck: Struck) -> Iterator[None]:
        for process in struck.processes():
            pages = int(Path(f"/proc/{process}/statm").read_text(encoding="ascii").split()[0])
            _limit(process, resource.RLIMIT_AS, pages * resource.getpagesize() + left)
        yield

    return fault


@contextmanager
def nothing(struck: Struck) -> Iterator[None]:
    """The machine is well: what is moved is the run's clock, by where it stops."""
    yield


def _limit(process: int, what: int, most: int) -> None:
    _, hard = resource.prlimit(process, what)
    resource.prlimit(process, what, (most, hard))


@contextmanager
def small_disk(folder: Path) -> Iterator[bool]:
    """A small disk of its own at a new folder, as long as it is needed; whether that is
    permitted: where it is not, the folder lies where it lies."""
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={DISK},mode=755", "takeup-kill", str(folder)]
    is_mounted = which("mount") is not None and _works(mount)
    try:
        yield is_mounted
    finally:
        if is_mounted:
            subprocess.run(["umount", "--lazy", str(folder)], check=True)


@cache
def left_out() -> dict[Kind, str]:
    """Kinds of faults that can't be had here, each with the reason."""
    found: dict[Kind, str] = {}
    with TemporaryDirectory() as folder, small_disk(Path(folder) / "small") as is_mounted:
        if not is_mounted:
            found["disk"] = "no small disk can be mounted: that takes root"
    if os.geteuid() == 0 and not (UNPRIVILEGED and _works([*UNPRIVILEGED, "true"])):
        found["folder"] = "root can't be bound by permissions: that takes setpriv"
    return found


def _works(line: list[str]) -> bool:
    return subprocess.run(line, capture_output=True, check=False).returncode == 0
