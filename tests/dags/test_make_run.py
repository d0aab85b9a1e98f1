"""`make run`: what Airflow makes of a step that fails, and of one that works."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from core.settings import Settings
from ingest.log.event_log import EventLog
from simulator.landing import simulate_landing
from takeup import airflow_run
from takeup.airflow_run import airflow_environment, run_dag
from takeup.first_homes import has_landed_files, home_to_run, lay_example
from tests.support.receivers import mail_server

# What `sitecustomize` holds in the processes of a run. Only the gate is not the real one.
FAILING_GATE = """
from takeup import nightly
from core.errors import GateFailed

def gate_warehouse(settings, *, run_id):
    raise GateFailed("take_up: 3 ratios above one")

nightly.gate_warehouse = gate_warehouse
"""

# Stands in for the nightly run in the Airflow process: each step notes that it ran, and
# `gate_log` fails as the test asks.
STAND_IN = """
from takeup import nightly
from core.errors import GateFailed

def step(name):
    def body(settings, *, run_id):
        with (settings.home / "ran").open("a") as ran:
            print(name, file=ran)
        if name == "gate_log":
            raise {error}
        return {{"commits": 0, "files_known": 3, "waiting": 0}}
    return body

for name, _ in nightly.STEPS:
    setattr(nightly, name, step(name))
"""


# Steps of which one fails until it is mended. They publish nothing, so nothing of reports either.
GATE_THAT_IS_MENDED = """
from publish import reviews
from takeup import nightly
from core.errors import GateFailed

reviews.reports_are_new = lambda settings: False

def step(name):
    def body(settings, *, run_id):
        settings.warehouse.mkdir(parents=True, exist_ok=True)
        if name == "gate_log" and not (settings.home / "mended").exists():
            raise GateFailed("a target is above one")
        return {"commits": 0, "files_known": 3, "waiting": 0}
    return body

for name, _ in nightly.STEPS:
    setattr(nightly, name, step(name))
"""


# A step that never ends by itself.
ENDLESS_STEP = """
import os
import time
from takeup import nightly

def land(settings, *, run_id):
    (settings.home / "pid").write_text(str(os.getpid()))
    time.sleep(600)

nightly.land = land
"""


def task_states(home: Path) -> dict[str, tuple[str, int]]:
    """State and number of tries of each task, as Airflow recorded them."""
    connection = sqlite3.connect(home / "airflow" / "airflow.db")
    try:
        rows = connection.execute("select task_id, state, try_number from task_instance")
        return {task: (state, tries) for task, state, tries in rows}
    finally:
        connection.close()


def hook(folder: Path, code: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Has every Python process that starts from here on run this code first."""
    folder.mkdir()
    (folder / "sitecustomize.py").write_text(code)
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(folder), *filter(None, sys.path)]))


@pytest.mark.slow
def test_a_failing_gate_keeps_publish_from_running_and_the_next_run_completes_the_work(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    settings = Settings.load(tmp_path / "home")
    simulate_landing(settings.landing)
    before = {path: path.read_bytes() for path in settings.landing.iterdir()}

    with monkeypatch.context() as failing:
        hook(tmp_path / "hooks", FAILING_GATE, failing)
        exit_code = run_dag(settings)

    said = capfd.readouterr().out
    assert exit_code == 1, said
    assert "take_up: 3 ratios above one" in said
    assert task_states(settings.home) == {
        "land": ("success", 1),
        "ingest": ("success", 1),
        "gate_log": ("success", 1),
        "build": ("success", 1),
        "gate_warehouse": ("failed", 1),
        "publish": ("upstream_failed", 0),
        "pages": ("upstream_failed", 0),
        "reports": ("upstream_failed", 0),
    }
    assert not settings.published_file.exists()
    version = EventLog.open(settings.log).version

    exit_code = run_dag(settings)

    said = capfd.readouterr().out
    assert exit_code == 0, said
    assert "nothing new" in said
    assert EventLog.open(settings.log).version == version
    assert settings.published_file.is_file()
    assert {path: path.read_bytes() for path in settings.landing.iterdir()} == before


@pytest.mark.slow
@pytest.mark.parametrize(
    "error", ["GateFailed('a target is above one')", "OSError('no space left on device')"]
)
def test_a_failing_step_ends_the_run_at_once(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
    error: str,
) -> None:
    hook(tmp_path / "hooks", STAND_IN.format(error=error), monkeypatch)
    users_home = tmp_path / "user"
    users_home.mkdir()
    monkeypatch.setenv("HOME", str(users_home))
    settings = Settings.load(tmp_path / "home")
    started = time.monotonic()

    exit_code = run_dag(settings)

    said = capfd.readouterr().out
    assert exit_code == 1
    assert (settings.home / "ran").read_text().split() == ["land", "ingest", "gate_log"]
    assert task_states(settings.home) == {
        "land": ("success", 1),
        "ingest": ("success", 1),
        "gate_log": ("failed", 1),
        "build": ("upstream_failed", 0),
        "gate_warehouse": ("upstream_failed", 0),
        "publish": ("upstream_failed", 0),
        "pages": ("upstream_failed", 0),
        "reports": ("upstream_failed", 0),
    }
    # Between tries Airflow would wait five minutes.
    assert time.monotonic() - started < 120
    assert error.partition("'")[2].rstrip("')") in said
    assert "The run failed and published nothing" in said
    assert len(said.splitlines()) < 15
    assert list(users_home.iterdir()) == []


@pytest.mark.slow
def test_when_it_is_told_to_stop_nothing_of_it_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hook(tmp_path / "hooks", ENDLESS_STEP, monkeypatch)
    monkeypatch.setenv("TAKEUP_HOME", str(tmp_path))
    (tmp_path / "log").mkdir()
    note = tmp_path / "pid"
    run = subprocess.Popen([sys.executable, "-m", "takeup.airflow_run"], stdout=subprocess.DEVNULL)
    try:
        wait_until(lambda: note.exists() and note.read_text() != "")
        airflow_process = int(note.read_text())

        run.send_signal(signal.SIGTERM)

        assert run.wait(timeout=60) == 128 + signal.SIGTERM
        assert not is_alive(airflow_process)
    finally:
        run.kill()


def wait_until(happened: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 120
    while not happened():
        assert time.monotonic() < deadline
        time.sleep(0.1)


def is_alive(process_id: int) -> bool:
    try:
        os.kill(process_id, 0)
    except ProcessLookupError:
        return False
    return True


def test_where_nothing_ever_landed_the_example_is_run(tmp_path: Path) -> None:
    settings = Settings.load(tmp_path)
    settings.landing.mkdir()
    (settings.landing / ".gitkeep").touch()

    assert home_to_run(settings).home == tmp_path / "example"


def test_make_run_lands_the_example_and_make_demo_simulated_data(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    homes: list[Path] = []

    def stand_in(settings: Settings) -> int:
        homes.append(settings.home)
        return 1

    monkeypatch.setenv("TAKEUP_HOME", str(tmp_path))
    monkeypatch.setattr(airflow_run, "run_dag", stand_in)

    assert [airflow_run.main([]), airflow_run.main(["demo"])] == [1, 1]
    assert homes == [tmp_path / "example", tmp_path / "simulated"]
    assert [Settings.load(home).example_mark.exists() for home in homes] == [True, False]
    assert has_landed_files(homes[0] / "landing" / "volumes")
    assert has_landed_files(homes[0] / "landing" / "reports")
    assert {path.name for path in (homes[1] / "landing").iterdir()} == {
        "events",
        "odd",
        "published",
        "returns",
        "tidy",
    }
    said = capsys.readouterr().out
    assert f"Nothing lies in {tmp_path / 'landing'}" in said
    assert "simulated data" in said


def test_the_example_is_what_seeds_carry_and_laid_once(tmp_path: Path) -> None:
    lay_example(tmp_path)
    laid = {path.relative_to(tmp_path).as_posix(): path.stat() for path in tmp_path.rglob("*.*")}
    lay_example(tmp_path)

    assert {name for name in laid if name.startswith("volumes/")} == {
        "volumes/publications.csv",
        "volumes/cells.csv.gz",
        "volumes/listings.csv.gz",
        "volumes/stated.csv.gz",
    }
    assert sum(name.startswith("reports/") for name in laid) == 5
    for name, before in laid.items():
        assert (tmp_path / name).stat().st_mtime_ns == before.st_mtime_ns


@pytest.mark.parametrize("landed", ["landing/volumes/services.csv", "log/_delta_log/0.json"])
def test_a_home_with_files_or_a_log_is_run_itself(tmp_path: Path, landed: str) -> None:
    settings = Settings.load(tmp_path)
    (tmp_path / landed).parent.mkdir(parents=True)
    (tmp_path / landed).touch()

    assert home_to_run(settings) == settings


def test_folders_and_hidden_files_are_not_landed_files(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / ".hidden").touch()

    assert not has_landed_files(tmp_path)
    assert not has_landed_files(tmp_path / "absent")


@pytest.mark.slow
def test_airflow_s_callbacks_tell_of_a_step_that_failed_and_of_the_run_that_published(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hook(tmp_path / "hooks", GATE_THAT_IS_MENDED, monkeypatch)
    settings = Settings.load(tmp_path / "home")
    with mail_server() as mailbox:
        # `make run` itself tells nobody: a person is watching it.
        connection = f"smtp://127.0.0.1:{mailbox.port}/?disable_tls=true"
        told = {"TAKEUP_ALERT_EMAIL": "duty@example.org", "TAKEUP_ALERT_DISK_BYTES": "0"}
        told |= {"AIRFLOW_CONN_SMTP_DEFAULT": connection}
        monkeypatch.setattr(
            airflow_run, "airflow_environment", lambda given: airflow_environment(given) | told
        )
        assert run_dag(settings) == 1
        assert mailbox.subjects == ["[takeup] A gate stopped the nightly run"]
        (settings.home / "mended").touch()
        assert run_dag(settings) == 0
    assert mailbox.subjects[1:] == ["[takeup] All clear: a gate stopped the nightly run"]
