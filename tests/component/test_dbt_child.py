"""The process that dbt runs in: when it is started, that it ends, what is left out of dbt in it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from core.errors import GateFailed
from core.settings import PROJECT_ROOT, Settings
from expectations import deferred
from takeup import dbt_process, nightly
from tests.support.events import started
from tests.support.homes import Home

SHORTLY = 20.0
"""Seconds within which a process has ended, on a machine where every core is busy."""


@pytest.fixture(autouse=True)
def nothing_left() -> Iterator[None]:
    yield
    dbt_process.end_unused()


def test_what_was_started_early_is_used_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "takeup.duckdb"
    dbt_process.start_early(file)
    (process,) = dbt_process._started.values()
    dbt_process.start_early(file)
    assert dbt_process._started == {tmp_path: process}
    monkeypatch.setattr(dbt_process, "_start", None)

    done = dbt_process.run_dbt("--no-such-option", staging_file=file, work=tmp_path, inputs={})

    assert "no-such-option" in done.stdout
    assert done.returncode == process.returncode == 1
    assert dbt_process._started == {}


def test_one_that_nothing_was_asked_of_ends(tmp_path: Path) -> None:
    dbt_process.start_early(tmp_path / "takeup.duckdb")
    (process,) = dbt_process._started.values()
    assert isinstance(process.args, list)
    assert str(tmp_path) in process.args, "who looks for what works on a home would not find it"

    dbt_process.end_unused()

    assert process.returncode == 1
    assert dbt_process._started == {}


def test_it_ends_with_the_process_that_started_it(tmp_path: Path) -> None:
    start = f"""
from pathlib import Path
from takeup import dbt_process
dbt_process.start_early(Path({str(tmp_path)!r}) / "takeup.duckdb")
(process,) = dbt_process._started.values()
print(process.pid)
input()
"""
    with subprocess.Popen(
        [sys.executable, "-u", "-c", start],
        cwd=PROJECT_ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as parent:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        assert is_alive(child)
        parent.kill()

    until = time.monotonic() + SHORTLY
    while is_alive(child) and time.monotonic() < until:
        time.sleep(0.05)
    assert not is_alive(child)


def is_alive(pid: int) -> bool:
    """Whether a process runs: one that has ended may wait for its parent to notice."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8")
    except FileNotFoundError:
        return False
    return state.rpartition(")")[2].split()[0] != "Z"


@pytest.mark.parametrize("is_new", [False, True])
def test_a_night_loads_dbt_and_great_expectations_where_something_came(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, is_new: bool
) -> None:
    home = Home.at(tmp_path)
    home.land_events("events.jsonl", started("a"))
    if not is_new:
        home.ingest()
    seen: dict[str, bool] = {}
    loaded: list[bool] = []

    def step(name: str) -> Any:
        def run(settings: Settings, *, run_id: str) -> dict[str, int]:
            seen[name] = bool(dbt_process._started)
            if name == "build":
                raise GateFailed("before dbt is asked")
            return {}

        return run

    steps = (*nightly.STEPS[:2], *((name, step(name)) for name in ("gate_log", "build")))
    monkeypatch.setattr(nightly, "STEPS", steps)
    monkeypatch.setattr(deferred, "load_runner", lambda: loaded.append(True))

    with pytest.raises(GateFailed):
        list(nightly.run_all(home.settings))

    assert seen == {"gate_log": is_new, "build": is_new}
    assert loaded == [True] * is_new
    assert dbt_process._started == {}


def test_what_an_earlier_build_left_is_gone_whatever_comes_of_this_one(tmp_path: Path) -> None:
    old = tmp_path / "target" / "compiled" / "takeup" / "take_up.sql"
    old.parent.mkdir(parents=True)
    old.touch()

    dbt_process.run_dbt(
        "--no-such-option", staging_file=tmp_path / "takeup.duckdb", work=tmp_path, inputs={}
    )

    assert not old.exists()


def test_what_a_build_compiled_is_in_its_results_alone(empty_build: Path) -> None:
    target = empty_build / "target"
    assert list(target.rglob("*.sql")) == []
    results = json.loads((target / "run_results.json").read_text(encoding="utf-8"))["results"]
    models = [node for node in results if node["unique_id"].startswith("model.")]
    assert models
    assert all(node["compiled_code"] for node in models)


def test_what_is_left_out_of_dbt_changes_no_answer_of_its() -> None:
    check = """
from dbt.clients import jinja
from takeup import dbt_child

texts = ["1", "'a'", "a > 0", "true", "None", "[1, 2]", "a = '{'", "a\\n", ""]
def answers():
    return [jinja.get_rendered(text, {}, native=True) for text in texts]
def templates():
    return [jinja.get_rendered("{% set a = 1 %}{{ a + 1 }}", {}, native=native)
            for native in (False, True, False)]
before = answers(), templates()
dbt_child._leave_out_needless_work()
assert (answers(), templates()) == before, before
assert before[1] == ["2", 2, "2"]

from dbt_common.events.functions import fire_event
from dbt_common.events.types import Note
from dbt_common.clients.agate_helper import empty_table
said = Note(msg="what went wrong")
fire_event(said)
assert "pb_msg" not in vars(said)
assert said.message() == said.msg == said.to_dict()["msg"] == "what went wrong"
assert len(empty_table().rows) == 0
"""
    run_python(check)


@pytest.mark.slow
def test_templates_are_compiled_once_for_all_builds(tmp_path: Path) -> None:
    kept = tmp_path / "parsed" / "sources.templates"
    check = f"""
import sys
from pathlib import Path
from takeup import dbt_child
dbt_child._leave_out_needless_work()
from dbt.clients import jinja
kept = Path({str(kept)!r})
known = dbt_child._take_templates(kept)
texts = ["{{{{ 0 + " + str(n) + " }}}}" for n in range(3)]
print(known, [jinja.get_rendered(text, {{}}) for text in texts], len(dbt_child._templates))
dbt_child._keep_templates(kept)
"""
    answers = "['0', '1', '2']"
    assert run_python(check) == f"0 {answers} 3"
    assert run_python(check) == f"3 {answers} 3"

    kept.write_bytes(kept.read_bytes()[:-9])
    assert run_python(check) == f"0 {answers} 3", "what was cut short stopped a build"
    assert run_python(check) == f"3 {answers} 3"


def run_python(code: str) -> str:
    """What a process of its own prints."""
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=PROJECT_ROOT,
        env=os.environ | {"PYTHONWARNINGS": "ignore"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout.strip()
