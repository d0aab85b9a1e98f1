"""A scheduler of Airflow at work, on PostgreSQL: a night and what follows it, again and twice."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest

from core.errors import LeaseHeld
from core.lease import lease
from core.settings import SEEDS, Settings
from ingest.log.event_log import EventLog
from publish.fingerprint import table_hashes
from takeup.run_records import records
from tests.support.airflow_services import Services, services, wait_for
from tests.support.events import SERVICE, completed, lines
from tests.support.postgres import free_port, postgres
from tests.support.processes import command_of, of_sessions, started_by
from tests.support.publications import manifest, publication

pytestmark = pytest.mark.airflow

NIGHTLY = "takeup_nightly"
STEPS = ["land", "ingest", "gate_log", "build", "gate_warehouse", "publish"]
FOLLOWING = ("takeup_mi_export", "takeup_hand_over", "takeup_reports")
PAGES = "https://take-up.example.org/site"
PUBLISHED_AT = "2015-07-01T09:30:00Z"


def land(settings: Settings, name: str, content: bytes) -> None:
    settings.landing.mkdir(parents=True, exist_ok=True)
    (settings.landing / name).write_bytes(content)


def land_events(settings: Settings, name: str, *identifiers: str) -> None:
    land(settings, name, lines(*(completed(identifier) for identifier in identifiers)))


def log_version(settings: Settings) -> int:
    return EventLog.open(settings.log).version


def accepted(settings: Settings) -> int:
    """Events of transactions that count, each once."""
    return sum(
        file.row_count for file in EventLog.open(settings.log).files("event") if file.row_count
    )


@contextmanager
def taken(settings: Settings) -> Iterator[None]:
    """The home's lease, once what follows an earlier night has let go of it."""
    with ExitStack() as held:

        def take() -> bool:
            try:
                held.enter_context(lease(settings.home, purpose="a test"))
            except LeaseHeld:
                return False
            return True

        wait_for(take)
        yield


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A home in which a publication, a report's digest and a few events have landed."""
    settings = Settings(home=tmp_path_factory.mktemp("airflow") / "home")
    cells = publication({SERVICE: (100, 60, 110, 77)})
    land(settings, "services.csv", cells)
    land(settings, "vintages.csv", manifest({"services.csv": (PUBLISHED_AT, cells)}))
    digest = SEEDS / "reports" / "action-8-2015-01-16.yml"
    land(settings, digest.name, digest.read_bytes())
    land_events(settings, "events.jsonl", *map(str, range(5)))
    return settings


@pytest.fixture(scope="module")
def airflow(settings: Settings) -> Iterator[Services]:
    with (
        postgres() as database,
        services(
            settings.home,
            port=free_port(),
            TAKEUP_AIRFLOW_DATABASE=database,
            TAKEUP_PAGES_ADDRESS=PAGES,
        ) as started,
    ):
        yield started


@pytest.fixture(scope="module")
def night(airflow: Services) -> str:
    """The night that was last due, which the scheduler starts when its DAG is let run; its id."""
    airflow.unpause(*FOLLOWING, NIGHTLY)
    (run,) = wait_for(lambda: airflow.runs(NIGHTLY))
    assert airflow.ended(NIGHTLY, run["dag_run_id"]) == "success", failures(airflow, run)
    return str(run["dag_run_id"])


def failures(airflow: Services, run: dict[str, Any]) -> str:
    """What failed tasks of a run said."""
    dag, run_id = run["dag_id"], run["dag_run_id"]
    states = airflow.states(dag, run_id)
    logs = [airflow.log(dag, run_id, name) for name, state in states.items() if state == "failed"]
    return "\n".join([str(states), *(log[-4000:] for log in logs)])


def followed(airflow: Services, dag: str) -> dict[str, Any]:
    """The first run of a DAG that an asset has started."""
    (first, *_) = wait_for(lambda: airflow.runs(dag))
    assert first["run_type"] == "asset_triggered"
    found: dict[str, Any] = first
    return found


def test_a_scheduled_night_goes_from_landing_to_pages(
    airflow: Services, settings: Settings, night: str
) -> None:
    assert airflow.run(NIGHTLY, night)["run_type"] == "scheduled"
    assert airflow.states(NIGHTLY, night) == dict.fromkeys([*STEPS, "pages", "reports"], "success")
    assert [one.step for one in records(settings) if one.run_id == night] == STEPS
    assert settings.published_file.is_file()
    assert (settings.site / "current" / "index.html").is_file()
    runs = (settings.site / "runs" / "index.html").read_text(encoding="utf-8")
    assert "published" in runs


def test_the_state_is_in_postgresql_and_its_password_nowhere(
    airflow: Services, settings: Settings, night: str
) -> None:
    assert not (settings.airflow / "airflow.db").exists()
    address = next(
        line for line in Path(f"/proc/{airflow.process.pid}/environ").read_text().split("\0")
        if line.startswith("TAKEUP_AIRFLOW_DATABASE=")
    )  # fmt: skip
    secret = unquote(urlsplit(address.partition("=")[2]).password or "")
    assert secret
    written = [path for path in settings.home.rglob("*") if path.is_file()]
    assert [path for path in written if secret.encode() in path.read_bytes()] == []
    assert secret not in "\n".join(airflow.said)
    for name in ("passwords.json", "secrets.json"):
        assert (settings.airflow / name).stat().st_mode & 0o777 == 0o600


def test_packs_reviews_and_hand_over_follow_by_assets(
    airflow: Services, settings: Settings, night: str
) -> None:
    for dag in ("takeup_mi_export", "takeup_reports"):
        run = followed(airflow, dag)
        assert airflow.ended(dag, run["dag_run_id"]) == "success", failures(airflow, run)
    assert list(settings.exports.glob("mi-2015-Q*"))
    assert list(settings.exports.glob("mi-review-*/promises.csv"))
    run = followed(airflow, "takeup_hand_over")
    airflow.answer("takeup_hand_over", run["dag_run_id"], "approve", "Approve", role="head of MI")
    assert airflow.ended("takeup_hand_over", run["dag_run_id"]) == "success"
    assert list(settings.receipts.iterdir())
    assert list(settings.handed_over.rglob("manifest.json"))


def test_a_task_leads_to_its_gate_the_pages_and_the_runbook(
    airflow: Services, settings: Settings, night: str
) -> None:
    assert airflow.links(NIGHTLY, night, "gate_log") == {
        "Gate's result": f"{PAGES}/gates/index.html#gate-log",
        "Pages": f"{PAGES}/current/index.html",
        "Runbook": f"{PAGES}/runs/runbook.html#a-gate-stopped-the-run",
    }
    links = airflow.links(NIGHTLY, night, "land")
    assert links["Gate's result"] is None
    assert links["Runbook"] == f"{PAGES}/runs/runbook.html#a-run-failed"
    for address in (*airflow.links(NIGHTLY, night, "gate_warehouse").values(), links["Runbook"]):
        path, _, anchor = str(address).removeprefix(f"{PAGES}/").partition("#")
        page = (settings.site / path).read_text(encoding="utf-8")
        assert f'id="{anchor}"' in page or not anchor


def test_the_log_is_verified_and_made_again_only_where_somebody_confirms_it(
    airflow: Services, settings: Settings, night: str
) -> None:
    airflow.unpause("takeup_verify", "takeup_replay")
    (due,) = wait_for(lambda: airflow.runs("takeup_verify"))
    assert airflow.ended("takeup_verify", due["dag_run_id"]) == "success"
    before, swapped = table_hashes(settings.published_file), settings.published_file.stat()
    for answer, states in (
        ("Reject", {"confirm": "success", "replay": "skipped", "pages": "skipped"}),
        ("Approve", {"confirm": "success", "replay": "success", "pages": "success"}),
    ):
        run_id = airflow.start("takeup_replay")
        airflow.answer("takeup_replay", run_id, "confirm", answer)
        assert airflow.ended("takeup_replay", run_id) == "success"
        assert airflow.states("takeup_replay", run_id) == states
        assert table_hashes(settings.published_file) == before
        if answer == "Reject":
            assert settings.published_file.stat() == swapped


def test_a_run_that_is_cleared_whole_takes_in_what_landed_since_and_nothing_twice(
    airflow: Services, settings: Settings, night: str
) -> None:
    version = log_version(settings)
    airflow.clear(NIGHTLY, night, only_failed=False)
    wait_for(lambda: airflow.tasks(NIGHTLY, night)["publish"]["try_number"] == 2)
    assert airflow.ended(NIGHTLY, night) == "success"
    assert log_version(settings) == version
    assert airflow.states(NIGHTLY, night)["reports"] == "skipped"


def test_a_backfill_of_past_dates_takes_in_what_landed_once(
    airflow: Services, settings: Settings, night: str
) -> None:
    version, count = log_version(settings), accepted(settings)
    land_events(settings, "late.jsonl", "late-1", "late-2")
    airflow.ask(
        "POST",
        "/backfills",
        {
            "dag_id": NIGHTLY,
            "from_date": "2025-06-01T00:00:00Z",
            "to_date": "2025-06-02T23:00:00Z",
            "reprocess_behavior": "none",
            "max_active_runs": 1,
        },
    )

    def both() -> list[str]:
        found = [one["dag_run_id"] for one in airflow.runs(NIGHTLY)
                 if one["run_type"] == "backfill"]  # fmt: skip
        return found if len(found) == 2 else []

    for run_id in wait_for(both):
        assert airflow.ended(NIGHTLY, run_id) == "success"
    assert (log_version(settings), accepted(settings)) == (version + 1, count + 2)


def test_of_two_runs_one_waits_and_one_that_finds_the_home_taken_fails_at_once(
    airflow: Services, settings: Settings, night: str
) -> None:
    with taken(settings):
        first = airflow.start(NIGHTLY)
        second = airflow.start(NIGHTLY)
        assert airflow.ended(NIGHTLY, first) == "failed"
        land = airflow.tasks(NIGHTLY, first)["land"]
        assert (land["state"], land["try_number"]) == ("failed", 1)
        log = airflow.log(NIGHTLY, first, "land")
        assert "another run works on" in log
        assert "runbook.html#a-run-failed" in log
        assert airflow.ended(NIGHTLY, second) == "failed"
    began, ended = airflow.run(NIGHTLY, second)["start_date"], airflow.run(NIGHTLY, first)
    assert began >= ended["end_date"]
    airflow.clear(NIGHTLY, first, only_failed=True)
    wait_for(lambda: airflow.run(NIGHTLY, first)["state"] == "success")


def test_a_service_that_ends_is_named_and_ends_the_others(
    airflow: Services, settings: Settings, night: str
) -> None:
    children = started_by(airflow.process.pid)
    assert len(children) == 4
    triggerer = next(one for one in children if "triggerer" in command_of(one))
    os.kill(triggerer, signal.SIGKILL)
    code, said = airflow.rest()
    assert code == 1
    assert "Airflow's triggerer ended by signal 9" in said
    assert of_sessions(children) == []
