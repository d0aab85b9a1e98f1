"""`takeup status` of homes in every state: it reads what is there, and changes nothing."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from core.errors import GateFailed, LeaseHeld
from core.lease import lease
from core.settings import Settings
from publish.swap import publish as swap
from takeup.last_run import last_run, run_recorded
from takeup.nightly import STEPS
from takeup.status import status_of, step_after
from takeup.status_screen import lines_of, told_of
from tests.support.warehouse import build_staging, gate_passed, make_settings


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return make_settings(tmp_path / "home")


def screen(found: dict[str, Any]) -> str:
    """All that is told, in one line, so that it reads the same wherever a line ends."""
    shown = (line for one in told_of(found) for line in lines_of(one))
    return " ".join(" ".join(shown).split())


def step(settings: Settings, name: str, run_id: str = "one", **facts: int) -> None:
    run_recorded(settings, name, lambda *_, **__: facts, run_id=run_id)


def failing(settings: Settings, name: str, error: BaseException, run_id: str = "one") -> None:
    def fails(*_: object, **__: object) -> dict[str, Any]:
        raise error

    with pytest.raises(type(error)):
        run_recorded(settings, name, fails, run_id=run_id)


def test_an_empty_home_is_said_to_be_so_and_stays_empty(settings: Settings) -> None:
    found = status_of(settings)
    assert (found["log"], found["published"], found["last_run"]) == (
        "none yet",
        "nothing yet",
        None,
    )
    assert set(found["places"].values()) == {None}
    assert "none yet: nothing has been taken in" in screen(found)
    assert not settings.home.exists()


def test_a_run_is_known_from_its_first_step_to_its_last(settings: Settings) -> None:
    settings.warehouse.mkdir(parents=True)
    step(settings, "land")
    step(settings, "ingest", files=3, accepted=5, quarantined=1, rejected=0)
    under_way = status_of(settings)["last_run"]
    assert (under_way["state"], under_way["step"]) == ("under_way", "ingest")
    later = datetime.now(UTC) + timedelta(hours=1)
    stopped = status_of(settings, now=later)["last_run"]
    assert (stopped["state"], step_after(stopped["step"])) == ("stopped", "gate_log")
    step(settings, "publish")
    done = status_of(settings, now=later)["last_run"]
    assert (done["state"], done["took_in"]["accepted"]) == ("published", 5)
    assert done["started_at"] == under_way["started_at"]
    assert step_after("publish") == STEPS[-1][0]


def test_a_failed_run_says_where_and_why(settings: Settings) -> None:
    settings.warehouse.mkdir(parents=True)
    step(settings, "land")
    failing(settings, "gate_log", GateFailed("too few\nrows"))
    found = status_of(settings)
    assert (found["last_run"]["state"], found["last_run"]["error"]) == ("failed", "too few rows")
    assert "FAILED in gate_log" in screen(found)
    failing(settings, "build", KeyError("x"), run_id="two")
    failed = last_run(settings)
    assert failed is not None
    assert (failed.run_id, failed.error) == ("two", "KeyError: 'x'")
    failing(settings, "build", KeyboardInterrupt(), run_id="three")
    assert status_of(settings)["last_run"]["error"] == "stopped by a person"


def test_a_run_that_is_kept_out_leaves_what_is_known_of_the_other(settings: Settings) -> None:
    settings.warehouse.mkdir(parents=True)
    step(settings, "land", run_id="theirs")
    failing(settings, "land", LeaseHeld("another run"), run_id="ours")
    found = last_run(settings)
    assert found is not None
    assert (found.run_id, found.outcome) == ("theirs", "step_done")


@pytest.mark.parametrize("text", ["", "[]", '{"run_id": 1}', "\x00"])
def test_a_record_that_can_not_be_read_is_none(settings: Settings, text: str) -> None:
    settings.warehouse.mkdir(parents=True)
    (settings.home / "runs.jsonl").write_text(text)
    assert status_of(settings)["last_run"] is None


def test_a_home_that_is_being_written_to_says_by_whom(settings: Settings) -> None:
    with lease(settings.home, purpose="nightly"):
        found = status_of(settings)
    assert found["running"].startswith(f"nightly, process {os.getpid()}")
    assert "what follows may change" in screen(found)


def test_a_published_file_without_what_is_newer_than_it_is_told_as_far_as_it_goes(
    settings: Settings,
) -> None:
    build_staging(settings)
    swap(settings, run_id="run", require_pass=gate_passed)
    found = status_of(settings)
    assert found["published_log_version"] == 7
    assert "silent" in found["not_told"]
    assert "it can't tell" in screen(found)
    assert found["places"]["published file"] == str(settings.published_file)


def test_a_published_file_that_can_not_be_read_is_said_and_not_raised(settings: Settings) -> None:
    settings.published.mkdir(parents=True)
    settings.published_file.write_bytes(b"torn" * 5000)
    found = status_of(settings)
    assert "can't be read" in found["published_problem"]
    assert "takeup replay" in screen(found)
