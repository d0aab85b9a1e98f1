"""How a step's errors reach Airflow, and what it hands to the next task."""

from __future__ import annotations

import json
import logging
import sys
from types import ModuleType
from typing import Any

import pytest
from airflow.sdk.exceptions import AirflowFailException

from takeup.airflow_step import STEPS, Step, run_step
from takeup.errors import GateFailed, IntegrityError, LeaseHeld, TakeupError, UsageError
from takeup.settings import Settings


@pytest.fixture
def nightly(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """A stand-in for the nightly run: only the error translation is looked at here."""
    module = ModuleType("takeup.nightly")
    monkeypatch.setitem(sys.modules, "takeup.nightly", module)
    monkeypatch.setattr("takeup.nightly", module, raising=False)
    return module


def failing_with(error: Exception) -> Any:
    def step(settings: Settings, *, run_id: str) -> dict[str, Any]:
        raise error

    return step


@pytest.mark.parametrize("error_class", [UsageError, GateFailed, IntegrityError, LeaseHeld])
@pytest.mark.parametrize("step", STEPS)
def test_what_a_retry_cannot_mend_is_not_retried(
    nightly: ModuleType, step: Step, error_class: type[TakeupError]
) -> None:
    setattr(nightly, step, failing_with(error_class("the ledger names another file")))

    with pytest.raises(AirflowFailException, match="the ledger names another file"):
        run_step(step, run_id="manual__1")


@pytest.mark.parametrize("error", [OSError("no space left"), TakeupError("the file is busy")])
def test_other_errors_stay_what_they_are_and_are_retried(
    nightly: ModuleType, error: Exception
) -> None:
    nightly.build = failing_with(error)  # type: ignore[attr-defined]

    with pytest.raises(type(error)) as raised:
        run_step("build", run_id="manual__1")

    assert not isinstance(raised.value, AirflowFailException)


def test_a_step_gets_the_home_and_the_run_id_and_logs_its_facts(
    nightly: ModuleType,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    tmp_path: Any,
) -> None:
    def ingest(settings: Settings, *, run_id: str) -> dict[str, Any]:
        return {"home": str(settings.home), "run": run_id, "accepted_count": 34567, "done": True}

    nightly.ingest = ingest  # type: ignore[attr-defined]
    monkeypatch.setenv("TAKEUP_HOME", str(tmp_path))

    with caplog.at_level(logging.INFO, logger="takeup"):
        facts = run_step("ingest", run_id="scheduled__2026-01-01")

    assert facts == {
        "home": str(tmp_path),
        "run": "scheduled__2026-01-01",
        "accepted_count": 34567,
        "done": True,
    }
    assert json.loads(json.dumps(facts)) == facts
    assert "accepted count 34,567" in caplog.messages[-1]


def test_without_a_run_id_nothing_is_started(nightly: ModuleType) -> None:
    nightly.land = failing_with(AssertionError("was started"))  # type: ignore[attr-defined]

    with pytest.raises(AirflowFailException, match="no run id"):
        run_step("land", run_id=None)
