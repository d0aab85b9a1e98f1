"""Run a command as a whole process and say what it took."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median


@dataclass(frozen=True)
class Run:
    """One finished process: wall and processor seconds, peak memory of its largest process."""

    wall_s: float
    cpu_s: float
    peak_mib: float


class BenchFailed(Exception):
    """A measured command failed: a time of it would say nothing."""


def run(command: Sequence[str], *, environment: dict[str, str] | None = None) -> Run:
    """Run a command to its end.

    Raises:
        BenchFailed: it ended with another code than 0; its last lines are the message.
    """
    began = time.perf_counter()
    process = subprocess.Popen(
        command,
        env=os.environ | (environment or {}),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert process.stdout is not None
    said = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.perf_counter() - began
    if status != 0:
        raise BenchFailed(f"{' '.join(command)}\n" + "\n".join(said.splitlines()[-8:]))
    return Run(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)


def takeup(home: Path, *arguments: str) -> list[str]:
    """The command `takeup` of this environment, on a home."""
    return [str(Path(sys.executable).with_name("takeup")), "--home", str(home), *arguments]


def middle(runs: Sequence[Run]) -> Run:
    """Median of each figure."""
    return Run(
        median(r.wall_s for r in runs),
        median(r.cpu_s for r in runs),
        max(r.peak_mib for r in runs),
    )
