"""What a build says when dbt fails, and what it keeps of dbt's work for the next one."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml

from core.errors import GateFailed, LeaseHeld, TakeupError
from core.files import sole_writer
from core.settings import Settings
from publish.database import reading
from publish.fingerprint import Content, content_of
from takeup import build, dbt_process
from takeup.empty_warehouse import begin_from_empty
from tests.support.events import completed
from tests.support.homes import Home

NULLS = "select 'service_id' as column_name, 3 as nulls_count"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    settings = Settings(home=tmp_path)
    settings.warehouse.mkdir()
    duckdb.connect(str(settings.staging_file)).close()
    return settings


def failure(settings: Settings, *nodes: dict[str, Any]) -> TakeupError:
    results = settings.home / "run_results.json"
    results.write_text(json.dumps({"results": nodes}), encoding="utf-8")
    done = subprocess.CompletedProcess([], 1, "", "")
    return build._failure(settings, results, done)


def node(name: str, status: str, code: str | None) -> dict[str, Any]:
    return {"unique_id": name, "status": status, "message": "Got 1\n result", "compiled_code": code}


def test_a_failed_test_shows_the_first_row_that_broke_it(settings: Settings) -> None:
    found = failure(settings, node("test.a", "fail", NULLS), node("test.b", "pass", None))

    assert isinstance(found, GateFailed)
    assert str(found).splitlines()[1:] == [
        "  test.a: Got 1 result; the first row: column_name service_id, nulls_count 3"
    ]


def test_every_rule_of_a_table_that_is_broken_is_named(settings: Settings) -> None:
    rules = "from (values ('ratio', 'share', 2), ('never_null', 'id', 1)) as t (rule, name, n)"

    found = failure(settings, node("test.a", "fail", rules))

    assert str(found).splitlines()[1:] == [
        "  test.a: Got 1 result; rule ratio, name share, n 2; rule never_null, name id, n 1"
    ]


@pytest.mark.parametrize("code", [None, "select * from gone", NULLS + " where false"])
def test_a_failed_test_that_shows_no_row_is_named_all_the_same(
    settings: Settings, code: str | None
) -> None:
    assert str(failure(settings, node("test.a", "fail", code))).endswith("\n  test.a: Got 1 result")


def test_a_model_that_could_not_be_built_is_no_gate(settings: Settings) -> None:
    broken = node("model.a", "error", None)

    found = failure(settings, broken, node("test.b", "fail", NULLS))

    assert type(found) is TakeupError
    assert "model.a" in str(found)
    assert "test.b" not in str(found)


def test_dbt_that_does_not_start_says_why(settings: Settings) -> None:
    done = dbt_process.run_dbt(
        *("build", "--no-such-option"),
        staging_file=settings.staging_file,
        work=settings.home / "dbt",
        inputs={},
    )
    found = build._failure(settings, settings.home / "nothing.json", done)

    assert done.returncode != 0
    assert "dbt could not start" in str(found)
    assert "no-such-option" in str(found)


def test_a_warehouse_of_an_older_version_is_built_by_one_at_a_time(home: Home) -> None:
    home.land_events("a.jsonl", completed("1"))
    home.ingest()
    folder = home.settings.warehouse / "versions" / "1"
    with sole_writer(folder), pytest.raises(LeaseHeld):
        build.build_at(home.settings, 1)
    assert list(folder.iterdir()) == []


def test_a_parsed_project_is_kept_until_its_sources_change(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = tmp_path / "dbt_project"
    (project / "models").mkdir(parents=True)
    model = project / "models" / "a.sql"
    for path in (model, project / "dbt_project.yml", project / "profiles.yml"):
        path.write_text("one", encoding="utf-8")
    monkeypatch.setattr(dbt_process, "PROJECT_ROOT", tmp_path)
    monkeypatch.setattr(dbt_process, "PROJECT", project)
    monkeypatch.setattr(dbt_process, "SEEDS", tmp_path / "seeds")
    monkeypatch.setattr(dbt_process, "PARSED", project / "target" / "parsed")
    made = tmp_path / "made"
    made.write_bytes(b"first")

    first = dbt_process._parsed_project(dbt_process._sources(), {})
    dbt_process._keep_parsed(made, first)
    made.write_bytes(b"of another run")
    other_settings = dbt_process._parsed_project(dbt_process._sources(), {"TAKEUP_THREADS": "7"})
    dbt_process._keep_parsed(made, other_settings)
    assert other_settings != first
    dbt_process._keep_parsed(made, dbt_process._parsed_project(dbt_process._sources(), {}))
    assert first.read_bytes() == b"first"

    model.write_text("two", encoding="utf-8")
    second = dbt_process._parsed_project(dbt_process._sources(), {})
    assert second != first
    dbt_process._keep_parsed(made, second)
    assert [path.read_bytes() for path in second.parent.iterdir()] == [b"of another run"]


@pytest.mark.nights
def test_a_first_build_goes_on_from_an_empty_warehouse_that_was_made_before(home: Home) -> None:
    if not begin_from_empty(home.settings.home / "kept.duckdb"):
        build.prepare(home.settings)
    home.land_events("events.jsonl", completed("one"), completed("two"))
    home.ingest()

    def built(*, full: bool) -> tuple[Content, set[str]]:
        assert build.build(home.settings, full=full).is_full
        results = home.settings.warehouse / "dbt" / "target" / "run_results.json"
        nodes = json.loads(results.read_text(encoding="utf-8"))["results"]
        with reading(home.settings.staging_file) as connection:
            content = content_of(connection, database="takeup")
        return content, {node["unique_id"].partition(".")[0] for node in nodes}

    first, made_for_it = built(full=False)
    whole, made = built(full=True)
    assert "seed" in made - made_for_it
    assert first == whole


def test_what_a_grown_log_builds_is_all_but_table_functions() -> None:
    rules = yaml.safe_load((dbt_process.PROJECT / "dbt_project.yml").read_text(encoding="utf-8"))
    functions = {
        name
        for name, rule in rules["models"]["takeup"].items()
        if isinstance(rule, dict) and rule.get("+materialized") == "table_function"
    }
    folders = {path.name for path in (dbt_process.PROJECT / "models").iterdir() if path.is_dir()}

    assert {f"takeup.{name}" for name in folders - functions} == set(build.OF_THE_LOG[1:])
