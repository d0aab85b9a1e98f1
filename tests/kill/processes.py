"""Start the command as a process, see what it writes, and kill it at a moment."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from core.settings import PROJECT_ROOT

POLL_SECONDS = 0.002
LONGEST_RUN_SECONDS = 600
ORPHAN_SECONDS = 5.0
RUN_ID = re.compile(r"manual__[0-9a-f-]{36}|manual__[0-9T.-]{26}")
BATCH_BYTES = 150_000
"""Every landed file of some size is a batch, and so a commit, of its own."""


@dataclass(frozen=True)
class Command:
    """Arguments of `takeup`, `{landing}` standing for the home's landing folder.

    Without a moment the installed script runs, by the machine's clock.
    """

    arguments: tuple[str, ...]
    moment: str | None = None

    def line(self, home: Path) -> list[str]:
        """As a list that can be run."""
        start = (
            [str(Path(sys.executable).with_name("takeup"))]
            if self.moment is None
            else [sys.executable, "-m", "tests.kill.command", self.moment]
        )
        landing = str(home / "landing")
        return [*start, "--home", str(home)] + [
            argument.replace("{landing}", landing) for argument in self.arguments
        ]


@dataclass(frozen=True)
class Landmark:
    """A file that a run writes, as a pattern below the home."""

    pattern: str

    def is_reached(self, home: Path, *, since: int) -> bool:
        """Whether the run that was started at `since` (nanoseconds) has written it."""
        if "*" not in self.pattern:
            return _written(home / self.pattern) > since
        return any(_written(path) > since for path in home.glob(self.pattern))


@dataclass(frozen=True)
class Timeline:
    """What an undisturbed run wrote, and after how many seconds; `total` is its duration."""

    seen: tuple[tuple[float, Landmark], ...]
    total: float

    def has_seen(self, within: str) -> bool:
        """Whether a file was seen whose path begins so."""
        return any(mark.pattern.startswith(within) for _, mark in self.seen)


@dataclass(frozen=True)
class Moment:
    """Some seconds after a landmark; without a landmark, after the start."""

    landmark: Landmark | None
    wait: float

    def __str__(self) -> str:
        mark = "the start" if self.landmark is None else self.landmark.pattern
        return f"{self.wait * 1000:.0f} ms after {mark}"


@dataclass(frozen=True)
class Ended:
    """How a process ended: its exit code (negative: the signal), seconds, and what it said."""

    code: int
    seconds: float
    said: str

    @property
    def is_killed(self) -> bool:
        return self.code == -signal.SIGKILL


def run(command: Command, home: Path) -> Ended:
    """Run to the end."""
    return _end_of(_start(command, home), home, began=time.monotonic())


def observe(command: Command, home: Path) -> tuple[Ended, Timeline]:
    """Run to the end, noting every file that the run writes."""
    since, began = time.time_ns(), time.monotonic()
    process = _start(command, home)
    seen: dict[Landmark, float] = {}
    while process.poll() is None:
        looked = time.monotonic()
        for path in _files_below(home):
            mark = Landmark(RUN_ID.sub("*", path.relative_to(home).as_posix()))
            if mark not in seen and _written(path) > since:
                seen[mark] = time.monotonic() - began
        # A look round a large home takes a while: the run is to have a processor to itself.
        time.sleep(max(POLL_SECONDS, time.monotonic() - looked))
    ended = _end_of(process, home, began=began)
    in_order = sorted(((at, mark) for mark, at in seen.items()), key=lambda pair: pair[0])
    return ended, Timeline(tuple(in_order), ended.seconds)


def strike(command: Command, home: Path, moment: Moment, *, spares_children: bool = False) -> Ended:
    """Run until the moment, then SIGKILL.

    Args:
        spares_children: only the process itself is hit, as when someone kills it by its number
            or the machine runs out of memory; otherwise all that it started as well.
    """
    since, began = time.time_ns(), time.monotonic()
    process = _start(command, home)
    mark = moment.landmark
    while mark is not None and not mark.is_reached(home, since=since) and process.poll() is None:
        time.sleep(POLL_SECONDS)
    time.sleep(moment.wait)
    if process.poll() is None:
        if spares_children:
            process.kill()
            _wait_for_orphans(home)
        else:
            os.killpg(process.pid, signal.SIGKILL)
    return _end_of(process, home, began=began)


def _wait_for_orphans(home: Path) -> None:
    """Nothing may work on in a home whose run is gone: the next one starts at once."""
    until = time.monotonic() + ORPHAN_SECONDS
    while descendants_of(home):
        if time.monotonic() > until:
            raise AssertionError(f"{ORPHAN_SECONDS} s after its run: {descendants_of(home)}")
        time.sleep(POLL_SECONDS)


def descendants_of(home: Path) -> list[str]:
    """Command lines of processes that still work on a home."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            line = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            continue
        if str(home) in line and int(entry.name) != os.getpid():
            found.append(line)
    return found


def _start(command: Command, home: Path) -> subprocess.Popen[bytes]:
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith("TAKEUP_")
    } | {"TAKEUP_BATCH_BYTES": str(BATCH_BYTES), "PYTHONPATH": str(PROJECT_ROOT)}
    with _said_in(home).open("ab") as said:
        return subprocess.Popen(
            command.line(home),
            env=environment,
            cwd=PROJECT_ROOT,
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=said,
            start_new_session=True,
        )


def _end_of(process: subprocess.Popen[bytes], home: Path, *, began: float) -> Ended:
    try:
        code = process.wait(LONGEST_RUN_SECONDS)
    finally:
        if process.returncode is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
    said = _said_in(home).read_text(encoding="utf-8", errors="replace")
    return Ended(code, time.monotonic() - began, said)


def _said_in(home: Path) -> Path:
    return home.with_name(home.name + ".said")


def _files_below(folder: Path) -> Iterator[Path]:
    for parent, _, names in os.walk(folder):
        yield from (Path(parent) / name for name in names)


def _written(path: Path) -> int:
    """When a file was last written, in nanoseconds; 0 where there is none."""
    try:
        return path.stat().st_mtime_ns
    except OSError:
        return 0
