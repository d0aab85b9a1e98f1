"""Nights on real files, and what all processes of a test run share."""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from core.settings import PROJECT_ROOT


def run_night(home: Path, landing: Path) -> None:
    """One whole night, as the command line runs it."""
    night = subprocess.run(
        [
            str(Path(sys.executable).with_name("takeup")),
            *("--home", str(home), "nightly", "--landing", str(landing)),
        ],
        cwd=PROJECT_ROOT,
        capture_output=True,
        text=True,
        timeout=900,
        check=False,
    )
    assert night.returncode == 0, f"{night.stdout[-4000:]}\n{night.stderr[-4000:]}"


def filled_once(folder: Path, fill: Callable[[Path], None]) -> Path:
    """The folder after `fill` has filled it, once for all processes that ask for it."""
    done = folder.with_name(f"{folder.name}.done")
    with folder.with_name(f"{folder.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not done.exists():
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir()
            fill(folder)
            done.touch()
    return folder


def folder_of_the_run(base: Path) -> Path:
    """The temporary folder of the whole run: a worker of pytest-xdist has its own within that.

    Runs of one state of the project have one in common where `TEST_HOMES` names it.
    """
    if homes := os.environ.get("TEST_HOMES"):
        return Path(homes)
    return base.parent if "PYTEST_XDIST_WORKER" in os.environ else base


def copy_project(folder: Path) -> None:
    """A copy of the project, for a test that changes its registers."""
    for name in (*("core", "ingest", "simulator", "projections", "expectations", "publish"),
                 *("takeup", "dbt_project", "seeds")):  # fmt: skip
        shutil.copytree(
            PROJECT_ROOT / name,
            folder / name,
            ignore=shutil.ignore_patterns("__pycache__", "target", "logs"),
        )


def run_takeup(project: Path, home: Path, *arguments: str) -> str:
    """What a command of the project in a folder says."""
    done = subprocess.run(
        [sys.executable, "-m", "takeup.cli", "--home", str(home), *arguments],
        cwd=project,
        env=os.environ | {"PYTHONPATH": str(project)},
        capture_output=True,
        text=True,
        timeout=900,
        check=False,
    )
    assert done.returncode == 0, f"{done.stdout[-4000:]}\n{done.stderr[-4000:]}"
    return done.stdout
