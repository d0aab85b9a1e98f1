"""The DAG as Airflow sees it: exact tasks, edges and schedule, and what parsing it costs."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from core.settings import PROJECT_ROOT, Settings
from takeup import nightly as nightly_run
from takeup.airflow_links import CAUSES
from takeup.airflow_process import POOL
from takeup.airflow_run import airflow_environment

PUBLISHED = "takeup://published/"
PACKS = "takeup://exports/"
REPORTS = "takeup://reports/"
STEPS = [name for name, _ in nightly_run.STEPS]
TASKS = [*STEPS, "pages", "reports"]
DAGS = {
    *("takeup_nightly", "takeup_mi_export", "takeup_hand_over"),
    *("takeup_reports", "takeup_verify", "takeup_replay"),
}
WAITING = {"approve", "confirm"}
"""Tasks that ask a person."""
DESCRIBE = Path(__file__).with_name("describe_dags.py")
HEAVY = {
    "dbt",
    "deltalake",
    "duckdb",
    "expectations",
    "great_expectations",
    "ingest",
    "pandas",
    "publish",
    "pyarrow",
}


def describe(home: Path, folder: Path, **variables: str) -> dict[str, Any]:
    home.mkdir(exist_ok=True)
    answer = home / "dags.json"
    finished = subprocess.run(
        [sys.executable, str(DESCRIBE), str(folder), str(answer)],
        env=airflow_environment(Settings.load(home)) | variables,
        cwd=PROJECT_ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert finished.returncode == 0, finished.stderr
    described: dict[str, Any] = json.loads(answer.read_text(encoding="utf-8"))
    return described


@pytest.fixture(scope="module")
def described(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    return describe(tmp_path_factory.mktemp("home"), PROJECT_ROOT / "dags")


@pytest.fixture(scope="module")
def nightly(described: dict[str, Any]) -> dict[str, Any]:
    dag: dict[str, Any] = described["dags"]["takeup_nightly"]
    return dag


@pytest.fixture(scope="module")
def export(described: dict[str, Any]) -> dict[str, Any]:
    dag: dict[str, Any] = described["dags"]["takeup_mi_export"]
    return dag


def test_exactly_these_dags_and_no_import_error(described: dict[str, Any]) -> None:
    assert described["import_errors"] == {}
    assert set(described["dags"]) == DAGS


def test_packs_follow_what_publish_alone_says_is_there(
    nightly: dict[str, Any], export: dict[str, Any]
) -> None:
    assert (export["schedule"], export["waits_for"]) == ("AssetTriggeredTimetable", [PUBLISHED])
    assert {name: task["makes"] for name, task in nightly["tasks"].items() if task["makes"]} == {
        "publish": [PUBLISHED],
        "reports": [REPORTS],
    }
    assert set(export["tasks"]) == {"export"}
    assert {name: export["tasks"]["export"][name] for name in ("pool", "retries", "makes")} == {
        "pool": POOL,
        "retries": 2,
        "makes": [PACKS],
    }
    assert (export["catchup"], export["max_active_runs"]) == (False, 1)
    assert "| `export` |" in export["doc_md"]


def test_a_pack_is_handed_over_only_past_a_person_or_where_none_has_to_be_asked(
    described: dict[str, Any],
) -> None:
    dag = described["dags"]["takeup_hand_over"]
    assert (dag["schedule"], dag["waits_for"]) == ("AssetTriggeredTimetable", [PACKS])
    assert (dag["catchup"], dag["max_active_runs"]) == (False, 1)
    assert dag["edges"] == [
        ["approve", "hand_over"],
        ["waiting", "approve"],
        ["waiting", "hand_over"],
    ]
    tasks = dag["tasks"]
    assert {task["trigger_rule"] for task in tasks.values()} == {"all_success"}
    assert {name: task["pool"] for name, task in tasks.items()} == {
        "hand_over_approved": POOL,
        "waiting": POOL,
        "approve": "default_pool",
        "hand_over": POOL,
    }
    rows = [line.split("`")[1] for line in dag["doc_md"].splitlines() if line.startswith("| `")]
    assert sorted(rows) == sorted(tasks)


def test_steps_run_one_after_the_other(nightly: dict[str, Any]) -> None:
    assert set(nightly["tasks"]) == set(TASKS)
    assert nightly["edges"] == [
        ["build", "gate_warehouse"],
        ["gate_log", "build"],
        ["gate_warehouse", "publish"],
        ["ingest", "gate_log"],
        ["land", "ingest"],
        ["publish", "pages"],
        ["publish", "reports"],
    ]


def test_every_task_waits_for_the_success_of_the_one_before(nightly: dict[str, Any]) -> None:
    rules = {task["trigger_rule"] for task in nightly["tasks"].values()}

    assert rules == {"all_success"}


def test_runs_at_two_in_london_and_never_catches_up(nightly: dict[str, Any]) -> None:
    assert nightly["schedule"] == "CronTriggerTimetable"
    assert nightly["cron"] == "0 2 * * *"
    assert nightly["time_zone"] == "Europe/London"
    assert nightly["catchup"] is False
    assert nightly["max_active_runs"] == 1


def test_every_task_has_owner_retries_and_the_one_slot_pool(nightly: dict[str, Any]) -> None:
    for task in nightly["tasks"].values():
        assert {name: value for name, value in task.items() if name != "makes"} == {
            "owner": "take-up data team",
            "pool": POOL,
            "pool_slots": 1,
            # A run that has come farther goes first: none builds while another waits to publish.
            "weight_rule": "upstream",
            "retries": 2,
            "retry_delay_seconds": 300.0,
            "trigger_rule": "all_success",
            "alerts": [],
            "all_clear": [],
        }


@pytest.mark.parametrize("dag", sorted(DAGS))
def test_triage_notes_cover_every_task(described: dict[str, Any], dag: str) -> None:
    found = described["dags"][dag]
    rows = [line.split("`")[1] for line in found["doc_md"].splitlines() if line.startswith("| `")]

    assert sorted(rows) == sorted(found["tasks"])


@pytest.mark.parametrize("dag", sorted(DAGS))
def test_every_dag_is_one_run_at_a_time_and_takes_the_one_slot(
    described: dict[str, Any], dag: str
) -> None:
    found = described["dags"][dag]
    assert (found["catchup"], found["max_active_runs"]) == (False, 1)
    # Who waits for a person holds no slot that a night needs.
    assert {task["pool"] for name, task in found["tasks"].items() if name in WAITING} <= {
        "default_pool"
    }
    assert {task["pool"] for name, task in found["tasks"].items() if name not in WAITING} == {POOL}


def test_the_log_is_verified_each_sunday(described: dict[str, Any]) -> None:
    dag = described["dags"]["takeup_verify"]
    assert (dag["cron"], dag["time_zone"]) == ("0 8 * * 0", "Europe/London")
    assert set(dag["tasks"]) == {"verify"}


def test_a_replay_is_started_by_hand_and_done_only_past_a_person(
    described: dict[str, Any],
) -> None:
    dag = described["dags"]["takeup_replay"]
    assert dag["schedule"] == "NullTimetable"
    assert dag["edges"] == [["confirm", "replay"], ["replay", "pages"]]
    assert {task["trigger_rule"] for task in dag["tasks"].values()} == {"all_success"}
    assert dag["tasks"]["replay"]["makes"] == [PUBLISHED]


def test_reviews_follow_what_the_night_says_is_new_of_reports(described: dict[str, Any]) -> None:
    dag = described["dags"]["takeup_reports"]
    assert (dag["schedule"], dag["waits_for"]) == ("AssetTriggeredTimetable", [REPORTS])
    assert set(dag["tasks"]) == {"reviews"}


def test_parsing_is_quick_and_loads_nothing_heavy(described: dict[str, Any]) -> None:
    assert described["parse_seconds"] < 1.0
    assert HEAVY.isdisjoint(described["modules"])


def test_a_broken_dag_file_is_seen(tmp_path: Path) -> None:
    # Guards the tests above: a description of the wrong folder would be empty and pass.
    folder = tmp_path / "dags"
    folder.mkdir()
    (folder / "broken.py").write_text("from airflow.sdk import dag\nraise RuntimeError('broken')\n")

    described = describe(tmp_path / "home", folder)

    assert set(described["import_errors"]) == {"broken.py"}
    assert described["dags"] == {}


@pytest.mark.parametrize(
    "way",
    [
        {"TAKEUP_ALERT_EMAIL": "take-up@example.org, duty@example.org"},
        {"TAKEUP_ALERT_WEBHOOK": "https://chat.example.org/secret"},
    ],
)
def test_every_task_that_fails_is_told_of_and_the_last_one_tells_that_it_is_over(
    tmp_path: Path, way: dict[str, str]
) -> None:
    described = describe(tmp_path / "home", PROJECT_ROOT / "dags", **way)

    nightly, export = (described["dags"][name] for name in ("takeup_nightly", "takeup_mi_export"))
    over = ["AlertNotifier", "run_failed", True]
    for dag_id, dag in described["dags"].items():
        for name, task in dag["tasks"].items():
            cause = "reports_failed" if name == "reports" else CAUSES[dag_id]
            assert task["alerts"] == [["AlertNotifier", cause, False]]
    for name, task in nightly["tasks"].items():
        assert task["all_clear"] == ([over] if name == "publish" else [])
    task = export["tasks"]["export"]
    assert task["all_clear"] == [["AlertNotifier", "packs_failed", True]]
    for name, task in described["dags"]["takeup_hand_over"]["tasks"].items():
        # What somebody was just asked about may have failed: only the next run tells that.
        over_by = [["AlertNotifier", "hand_over_failed", True]]
        assert task["all_clear"] == (over_by if name == "hand_over_approved" else [])
    assert HEAVY.isdisjoint(described["modules"])


def test_environment_drops_the_configuration_of_another_airflow(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AIRFLOW__CORE__EXECUTOR", "CeleryExecutor")
    monkeypatch.setenv("AIRFLOW_CONN_SMTP_DEFAULT", "smtp://mail.example.org")
    monkeypatch.setenv("AIRFLOW_HOME", "elsewhere")

    environment = airflow_environment(Settings.load(tmp_path))

    assert environment["AIRFLOW_HOME"] == str(tmp_path / "airflow")
    assert {name for name in environment if name.startswith("AIRFLOW")} == {
        "AIRFLOW_HOME",
        "AIRFLOW__CORE__DAGS_FOLDER",
        "AIRFLOW__CORE__LOAD_EXAMPLES",
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN",
        "AIRFLOW__LOGGING__BASE_LOG_FOLDER",
    }
    # `make run` makes both itself, once it has shown take-up against targets.
    assert (environment["TAKEUP_PACK"], environment["TAKEUP_PAGES"]) == ("no", "no")
    assert environment["PATH"] == os.environ["PATH"]
