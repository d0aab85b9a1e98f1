"""The DAG `takeup_hand_over`, run by Airflow: who is asked, and what follows from the answer."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from airflow.sdk.exceptions import AirflowFailException, AirflowSkipException

from core.errors import UsageError
from core.settings import PROJECT_ROOT, Settings
from publish.hand_over import Waiting
from takeup.airflow_run import airflow_environment
from takeup.airflow_step import hand_over_packs, make_pages, packs_waiting

SCRIPT = Path(__file__).with_name("run_hand_over.py")
DAG_FILE = PROJECT_ROOT / "dags" / "takeup_hand_over.py"


WAITS = {"pack": "mi-2014-Q4", "recipient_id": "office", "recipient_name": "The Office"}
CASES: dict[str, dict[str, Any]] = {
    "nothing": {"waiting": [], "answer": None},
    "yes": {"waiting": [WAITS | {"way": "folder"}], "answer": "Approve"},
    "no": {"waiting": [WAITS | {"way": "folder"}], "answer": "Reject"},
}


@pytest.mark.slow
def test_a_person_is_asked_where_one_has_to_be_and_only_a_yes_hands_over(tmp_path: Path) -> None:
    cases, answers = tmp_path / "cases.json", tmp_path / "answers.json"
    cases.write_text(json.dumps(list(CASES.values())))
    finished = subprocess.run(
        [sys.executable, str(SCRIPT), str(cases), str(answers), str(DAG_FILE)],
        env=airflow_environment(Settings.load(tmp_path)) | {"PYTHONPATH": str(PROJECT_ROOT)},
        cwd=PROJECT_ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert finished.returncode == 0, finished.stderr[-2000:]
    found = dict(zip(CASES, json.loads(answers.read_bytes()), strict=True))
    tasks = ("hand_over_approved", "approve", "hand_over")
    states = {name: [case["states"][task] for task in tasks] for name, case in found.items()}
    assert states == {
        "nothing": ["success", "skipped", "skipped"],
        "yes": ["success", "success", "success"],
        "no": ["success", "success", "skipped"],
    }
    # What is approved already waits for nobody's answer, whatever that is.
    assert {name: sorted(case["handed_over"], key=str) for name, case in found.items()} == {
        "nothing": [[[], None]],
        "yes": [[["mi-2014-Q4"], "head of MI"], [[], None]],
        "no": [[[], None]],
    }
    assert found["yes"]["asked"] == ["- mi-2014-Q4 to The Office, by folder\n"]


def test_pages_that_can_not_be_made_skip_their_task_and_fail_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TAKEUP_HOME", str(tmp_path))
    for name in ("PACK", "PAGES"):
        monkeypatch.setenv(f"TAKEUP_{name}", "yes")
    with pytest.raises(AirflowSkipException, match="the pack could not be made"):
        make_pages()
    for name in ("PACK", "PAGES"):
        monkeypatch.setenv(f"TAKEUP_{name}", "no")
    assert make_pages() == {"pack": "", "pages": ""}


def test_a_person_is_asked_only_of_what_nobody_has_approved(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def one(pack: str, role: str | None) -> Waiting:
        return Waiting(pack, "office", "The Office", "folder", role is not None, role)

    found = [one("mi-2014-Q3", "head of MI"), one("mi-2014-Q4", None)]
    monkeypatch.setenv("TAKEUP_HOME", str(tmp_path))
    monkeypatch.setattr("publish.hand_over.waiting", lambda settings: found)
    assert [asked["pack"] for asked in packs_waiting()] == ["mi-2014-Q4"]


def test_a_role_that_can_not_be_one_is_not_tried_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TAKEUP_HOME", str(tmp_path))
    approval = {"params_input": {"role": "me@example.org"}}
    with pytest.raises(AirflowFailException) as raised:
        hand_over_packs([], approval)
    assert isinstance(raised.value.__cause__, UsageError)
