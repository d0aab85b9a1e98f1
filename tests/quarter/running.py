"""A night as a real process on the home of the quarter, and what it took."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

from core.settings import PROJECT_ROOT
from takeup.run_records import FILE_NAME

LONGEST_SECONDS: Final = 1800
POLL_SECONDS: Final = 0.05
LATER: Final = timedelta(hours=7)
"""After a night somebody looks, and does what is to be done."""


@dataclass(frozen=True)
class Ended:
    """How a command ended: exit code (negative: the signal), what it said, what it took.

    `cpu_s` and `peak_mib` (of the largest process) are those of the process and of what it started.
    """

    code: int
    said: str
    wall_s: float
    cpu_s: float
    peak_mib: float


@dataclass
class Place:
    """Where the commands run: on which home, by the code and registers of which folder."""

    home: Path
    project: Path
    environment: dict[str, str]

    def run(
        self, moment: datetime, *arguments: str, die_after: str | None = None, **settings: str
    ) -> Ended:
        """Run `takeup` at a moment, to its end or until it is killed.

        Args:
            die_after: step of the run after whose end it is killed, in the midst of the next.
            settings: environment variables besides those of the place.
        """
        command = [sys.executable, "-m", "tests.kill.command", moment.isoformat()]
        self.home.parent.mkdir(parents=True, exist_ok=True)
        said = self.home.with_name("said.txt")
        began = time.monotonic()
        with said.open("wb") as stream:
            process = subprocess.Popen(
                [*command, "--home", str(self.home), *arguments],
                # First the copy of the project, whose registers a night may change; tests are here.
                env=_plain() | self.environment | settings | {"PYTHONPATH": self._path},
                cwd=self.project,
                stdin=subprocess.DEVNULL,
                stdout=stream,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
            if die_after is not None:
                self._kill_after(process, die_after)
            _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        return Ended(
            process.returncode,
            said.read_text(encoding="utf-8", errors="replace"),
            time.monotonic() - began,
            used.ru_utime + used.ru_stime,
            used.ru_maxrss / 1024,
        )

    @property
    def _path(self) -> str:
        return os.pathsep.join((str(self.project), str(PROJECT_ROOT)))

    def _kill_after(self, process: subprocess.Popen[bytes], step: str) -> None:
        """Kill it and all that it started when its next step has gone on for a while."""
        known, until = len(self.steps()), time.monotonic() + LONGEST_SECONDS
        while step not in (one["step"] for one in self.steps()[known:]):
            assert time.monotonic() < until
            assert os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None
            time.sleep(POLL_SECONDS)
        time.sleep(20 * POLL_SECONDS)
        os.killpg(process.pid, signal.SIGKILL)

    def steps(self) -> list[dict[str, Any]]:
        """What `runs.jsonl` of the home has of its steps."""
        path = self.home / FILE_NAME
        lines = path.read_text(encoding="utf-8").splitlines() if path.is_file() else []
        return [json.loads(line) for line in lines]

    def bytes_of(self, folder: str) -> int:
        """What lies in a folder of the home."""
        return sum(path.stat().st_size for path in _files(self.home / folder))


def _plain() -> dict[str, str]:
    """The environment without what the project would read of it."""
    return {name: value for name, value in os.environ.items() if not name.startswith("TAKEUP_")}


def _files(folder: Path) -> Iterator[Path]:
    return (path for path in folder.rglob("*") if path.is_file() and not path.is_symlink())
