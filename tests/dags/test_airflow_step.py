"""How a step's errors reach Airflow, and what it hands to the next task."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

import pytest
from airflow.sdk.exceptions import AirflowFailException

from core.errors import GateFailed, IntegrityError, LeaseHeld, TakeupError, UsageError
from core.settings import Settings
from takeup import nightly
from takeup.airflow_step import run_step


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


def test_without_a_run_id_nothing_is_started(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(nightly, "land", failing_with(AssertionError("was started")))

    with pytest.raises(AirflowFailException, match="no run id"):
        run_step("land", run_id=None)
