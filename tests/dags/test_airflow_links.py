"""Where to look from a task: addresses of the web, or of files that are there."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

from core.settings import Settings
from takeup import airflow_links
from takeup.airflow_links import CAUSES, gate_link, pages_link, runbook_link, where_to_look
from takeup.alerts.causes import BY_ID
from takeup.run_records import StepRecord, append
from takeup.runbook_page import RUNBOOK, anchor_of, runbook_body
from takeup.runs_page import write_runs_page

RECORD = StepRecord(
    run_id="run",
    step="land",
    started_at="2026-07-01T01:00:00+00:00",
    ended_at="2026-07-01T01:00:01+00:00",
    seconds=1.0,
    outcome="done",
)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    settings = Settings(home=tmp_path)
    settings.warehouse.mkdir()
    return settings


def test_without_an_address_they_are_files(settings: Settings) -> None:
    link = runbook_link(settings, "takeup_verify", "verify")
    assert link == f"{RUNBOOK.as_uri()}#the-log-is-damaged"
    gates = (settings.site / "gates" / "index.html").as_uri()
    assert gate_link(settings, "gate_log") == f"{gates}#gate-log"
    assert pages_link(settings).startswith("file://")


@pytest.mark.parametrize("address", ["https://example.org/site", "https://example.org/site/"])
def test_with_one_they_are_of_the_web(settings: Settings, address: str) -> None:
    served = settings.model_copy(update={"pages_address": address})
    assert pages_link(served) == "https://example.org/site/current/index.html"
    assert where_to_look(served, "takeup_nightly", "gate_warehouse") == (
        "look at https://example.org/site/gates/index.html#gate-warehouse and"
        " https://example.org/site/runs/runbook.html#a-gate-stopped-the-run"
    )


@pytest.mark.parametrize("dag", sorted(CAUSES))
def test_each_dag_leads_to_a_section_that_is_there(settings: Settings, dag: str) -> None:
    link = urlsplit(str(runbook_link(settings, dag, "any")))
    assert Path(unquote(link.path)) == RUNBOOK
    assert f'id="{link.fragment}"' in runbook_body()
    assert anchor_of(BY_ID[CAUSES[dag]].section) == link.fragment


def test_of_other_dags_they_say_nothing(settings: Settings) -> None:
    assert runbook_link(settings, "another", "any") is None
    assert gate_link(settings, "land") is None


def test_the_runbook_lies_beside_the_page_of_runs_and_leads_only_to_itself(
    settings: Settings,
) -> None:
    append(settings, RECORD)
    index = write_runs_page(settings)
    assert index is not None
    page = index.with_name(airflow_links.RUNBOOK_PAGE).read_text(encoding="utf-8")
    links = re.findall(r'href="([^"]*)"', page)
    within = {link.removeprefix("#") for link in links if link.startswith("#")}
    assert within - {"content"} <= set(re.findall(r'id="([^"]*)"', page))
    beside = {link for link in links if not link.startswith("#")}
    assert {link for link in beside if not (index.parent / link).is_file()} == set()
