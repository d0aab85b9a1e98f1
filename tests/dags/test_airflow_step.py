"""How a step's errors reach Airflow, and what it hands to the next task."""

from __future__ import annotations

import fcntl
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from airflow.sdk.exceptions import AirflowFailException

from core.errors import GateFailed, IntegrityError, LeaseHeld, TakeupError, UsageError
from core.lease import FILE_NAME
from core.settings import Settings
from takeup import nightly
from takeup.airflow_step import replay_home, run_step, verify_log
from tests.support.events import completed
from tests.support.homes import Home


def failing_with(error: Exception) -> Any:
    def step(settings: Settings, *, run_id: str) -> dict[str, Any]:
        raise error

    return step


@pytest.mark.parametrize("error_class", [UsageError, GateFailed, IntegrityError, LeaseHeld])
@pytest.mark.parametrize("step", [name for name, _ in nightly.STEPS])
def test_what_a_retry_cannot_mend_is_not_retried(
    monkeypatch: pytest.MonkeyPatch, step: str, error_class: type[TakeupError]
) -> None:
    error = error_class("the ledger names another file")
    monkeypatch.setattr(nightly, step, failing_with(error))

    with pytest.raises(AirflowFailException, match="the ledger names another file"):
        run_step(step, run_id="manual__1")


@pytest.mark.parametrize("error", [OSError("no space left"), TakeupError("the file is busy")])
def test_other_errors_stay_what_they_are_and_are_retried(
    monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    monkeypatch.setattr(nightly, "build", failing_with(error))

    with pytest.raises(type(error)) as raised:
        run_step("build", run_id="manual__1")

    assert not isinstance(raised.value, AirflowFailException)


def test_a_step_gets_the_home_and_the_run_id_and_logs_its_facts(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    def build(settings: Settings, *, run_id: str) -> dict[str, Any]:
        return {"home": str(settings.home), "run": run_id, "log_version": 7}

    monkeypatch.setattr(nightly, "build", build)
    monkeypatch.setenv("TAKEUP_HOME", str(tmp_path))

    with caplog.at_level(logging.INFO, logger="takeup"):
        facts = run_step("build", run_id="scheduled__2026-01-01")

    assert facts == {"home": str(tmp_path), "run": "scheduled__2026-01-01", "log_version": 7}
    assert caplog.messages[0] == "build: started"
    assert "log version 7" in caplog.messages[-1]


def test_a_damaged_log_fails_at_once_with_every_problem_and_says_where_to_look(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    home = Home.at(tmp_path / "home")
    home.land_events("events.jsonl", completed("1"))
    home.ingest()
    monkeypatch.setenv("TAKEUP_HOME", str(home.settings.home))
    with caplog.at_level(logging.INFO, logger="takeup"):
        assert verify_log()["commits"] == home.log().version + 1
    (part,) = {Path(file.path) for file in home.log().files("event")}
    part.write_bytes(part.read_bytes()[:-1])

    with pytest.raises(AirflowFailException, match="the event log is damaged"):
        verify_log()

    assert "docs/runbook.md#the-log-is-damaged" in caplog.messages[-1]


def test_a_replay_that_finds_the_home_taken_is_not_retried(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("TAKEUP_HOME", str(tmp_path))
    with holding(tmp_path), pytest.raises(AirflowFailException, match="another run works on"):
        replay_home()


def test_a_step_that_fails_draws_the_page_of_runs_and_one_that_is_kept_out_none(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("TAKEUP_HOME", str(tmp_path))
    monkeypatch.setenv("TAKEUP_PAGES", "yes")
    (tmp_path / "warehouse").mkdir()
    page = tmp_path / "site" / "runs" / "index.html"
    monkeypatch.setattr(nightly, "build", lambda *_, **__: {})
    run_step("build", run_id="manual__1")
    assert not page.exists()
    monkeypatch.setattr(nightly, "build", failing_with(LeaseHeld("another run")))
    with pytest.raises(AirflowFailException):
        run_step("build", run_id="manual__1")
    assert not page.exists()
    monkeypatch.setattr(nightly, "build", failing_with(GateFailed("it trips")))
    with pytest.raises(AirflowFailException):
        run_step("build", run_id="manual__1")
    assert "failed in build: GateFailed" in page.read_text(encoding="utf-8")


@contextmanager
def holding(home: Path) -> Iterator[None]:
    """Another process's lease."""
    with (home / FILE_NAME).open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def test_without_a_run_id_nothing_is_started(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(nightly, "land", failing_with(AssertionError("was started")))

    with pytest.raises(AirflowFailException, match="no run id"):
        run_step("land", run_id=None)
