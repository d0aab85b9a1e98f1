"""`make airflow` as a person starts and ends it, on SQLite."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.settings import PROJECT_ROOT
from tests.support.airflow_services import Services, services
from tests.support.postgres import free_port
from tests.support.processes import of_sessions, started_by

pytestmark = pytest.mark.airflow


@pytest.fixture
def airflow(tmp_path: Path) -> Iterator[Services]:
    with services(tmp_path / "home", port=free_port()) as started:
        yield started


def start_again(home: Path, port: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "takeup.airflow_services"],
        cwd=PROJECT_ROOT,
        env=os.environ | {"TAKEUP_HOME": str(home), "TAKEUP_AIRFLOW_PORT": port},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_it_is_alone_on_its_home_and_port_and_ends_whole(airflow: Services, tmp_path: Path) -> None:
    home, port = tmp_path / "home", airflow.address.rpartition(":")[2]
    assert (home / "airflow" / "airflow.db").is_file()
    twice = start_again(home, str(free_port()))
    assert (twice.returncode, "make airflow, process" in twice.stderr) == (5, True)
    beside = start_again(tmp_path / "other", port)
    assert (beside.returncode, f"port {port} can't be used" in beside.stderr) == (2, True)

    children = started_by(airflow.process.pid)
    assert len(children) == 4
    airflow.process.send_signal(signal.SIGINT)
    code, said = airflow.rest()
    assert (code, said.splitlines()[-1]) == (0, "stopped")
    assert of_sessions(children) == []
