"""Start the command as a process, kill it at a moment, or hurt it where it stands still."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from shutil import which
from tempfile import TemporaryFile
from typing import IO

from core.settings import PROJECT_ROOT
from tests.kill.stops import LENGTHS, STOP, Stop

POLL_SECONDS = 0.01
LONGEST_RUN_SECONDS = 900
ORPHAN_SECONDS = 5.0
BATCH_BYTES = 150_000
"""Every landed file of some size is a batch, and so a commit, of its own."""
UNPRIVILEGED = (
    ("setpriv", "--bounding-set=-dac_override") if os.geteuid() == 0 and which("setpriv") else ()
)
"""What makes the permissions of files bind root as they bind everybody else."""


@dataclass(frozen=True)
class Command:
    """Arguments of `takeup`, `{landing}` standing for the home's landing folder, and settings by
    their variables.

    Without a moment the installed script runs, by the machine's clock.
    """

    arguments: tuple[str, ...]
    moment: str | None = None
    settings: Mapping[str, str] = field(default_factory=dict)

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
class Struck:
    """A run that stands still, all of its processes, and the home that it works on."""

    leader: int
    home: Path

    def processes(self) -> Iterator[int]:
        """The run's own and those that it has started."""
        for entry in Path("/proc").glob("[0-9]*"):
            with suppress(OSError):
                if os.getpgid(int(entry.name)) == self.leader:
                    yield int(entry.name)


Fault = Callable[[Struck], AbstractContextManager[None]]
"""Hurts a run when it is entered; mends what it has done to the machine when the run is over."""


@dataclass(frozen=True)
class Ended:
    """How a process ended: its exit code (negative: the signal), seconds, and what it said."""

    code: int
    seconds: float
    said: str

    @property
    def is_killed(self) -> bool:
        return self.code == -signal.SIGKILL


def run(command: Command, home: Path, *, lengths: Path | None = None) -> Ended:
    """Run to the end; `lengths` is a file that gets the length of each step."""
    noted = {LENGTHS: str(lengths)} if lengths is not None else {}
    with _running(command, home, noted) as running:
        return running.end()


def strike(command: Command, home: Path, seconds: float, *, spares_children: bool = False) -> Ended:
    """Run for some seconds, then SIGKILL.

    Args:
        spares_children: only the process itself is hit, as when someone kills it by its number
            or the machine runs out of memory; otherwise all that it started as well.
    """
    with _running(command, home, {}) as running:
        process = running.process
        time.sleep(seconds)
        if process.poll() is None:
            if spares_children:
                process.kill()
                wait_for_orphans(home)
            else:
                os.killpg(process.pid, signal.SIGKILL)
        return running.end()


def interrupt(command: Command, home: Path, stop: Stop, fault: Fault) -> Ended:
    """Run until the place, where the fault comes over it, and on to its end."""
    with _running(command, home, {STOP: stop.as_variable()}) as running:
        leader = running.process.pid
        if not _stands_still(running.process):
            raise AssertionError(f"it ended before it came to stand {stop}: {running.end()}")
        with fault(Struck(leader, home)):
            with suppress(ProcessLookupError):
                os.killpg(leader, signal.SIGCONT)
            ended = running.end()
            wait_for_orphans(home)
    return ended


def _stands_still(process: subprocess.Popen[bytes]) -> bool:
    """Wait until it has stopped itself; False where it has ended instead."""
    until = time.monotonic() + LONGEST_RUN_SECONDS
    asked = os.WSTOPPED | os.WEXITED | os.WNOWAIT | os.WNOHANG
    while time.monotonic() < until:
        state = os.waitid(os.P_PID, process.pid, asked)
        if state is not None:
            return state.si_code == os.CLD_STOPPED
        time.sleep(POLL_SECONDS)
    return False


def wait_for_orphans(home: Path) -> None:
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


@dataclass(frozen=True)
class _Running:
    """A process that has been started, and what it says."""

    process: subprocess.Popen[bytes]
    said: IO[bytes]
    began: float

    def end(self) -> Ended:
        """Wait for its end."""
        try:
            code = self.process.wait(LONGEST_RUN_SECONDS)
        finally:
            if self.process.returncode is None:
                os.killpg(self.process.pid, signal.SIGKILL)
                self.process.wait()
        self.said.seek(0)
        said = self.said.read().decode(errors="replace")
        return Ended(code, time.monotonic() - self.began, said)


@contextmanager
def _running(command: Command, home: Path, variables: Mapping[str, str]) -> Iterator[_Running]:
    """Start it in a group of its own; one that is to be stopped, so that permissions bind it. What
    it says goes to no disk of the home's: that may be full."""
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith("TAKEUP_")
    } | {"TAKEUP_BATCH_BYTES": str(BATCH_BYTES), "PYTHONPATH": str(PROJECT_ROOT)}
    with TemporaryFile() as said:
        process = subprocess.Popen(
            [*(UNPRIVILEGED if STOP in variables else ()), *command.line(home)],
            env=environment | command.settings | variables,
            cwd=PROJECT_ROOT,
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=said,
            start_new_session=True,
        )
        yield _Running(process, said, time.monotonic())
