"""Whatever the engine that reads the log, the tables are the same: in full, and of a grown log."""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from core.settings import PROJECT_ROOT, SEEDS
from ingest.validation.event_types import SCHEMAS
from simulator.events import simulate_events
from simulator.landing import simulate_landing
from simulator.odd_events import simulate_odd_events
from simulator.returns import simulate_returns
from takeup import build
from takeup.spark import READERS
from tests.support.engines import TwoEngines
from tests.support.events import Event, lines

pytestmark = [
    pytest.mark.spark,
    pytest.mark.skipif(
        shutil.which("java") is None and "JAVA_HOME" not in os.environ, reason="there is no Java"
    ),
]

MODELS = PROJECT_ROOT / "dbt_project" / "models"


@pytest.fixture
def only_readers(monkeypatch: pytest.MonkeyPatch) -> None:
    """Both engines build the readers of the log and leave out what is built on them. Of few rows,
    most of what Java takes is its second compiler, which they never repay."""
    selection = ("--indirect-selection=cautious", "--select", READERS)
    monkeypatch.setattr(build, "BUILD", (*build.BUILD, *selection))
    monkeypatch.setattr(build, "OF_THE_LOG", ())
    monkeypatch.setenv("JAVA_TOOL_OPTIONS", "-XX:TieredStopAtLevel=1")


@pytest.mark.usefixtures("only_readers")
def test_readers_of_the_log(tmp_path: Path) -> None:
    compare_simulated(tmp_path, events=20_000)


@pytest.mark.deep
def test_all_that_is_built_of_simulated_events(tmp_path: Path) -> None:
    compare_simulated(tmp_path, events=2_000_000)


def compare_simulated(tmp_path: Path, *, events: int) -> None:
    engines = TwoEngines.at(tmp_path)
    first, later = simulated(tmp_path / "simulated", events=events)

    for night in (first, later):
        engines.build(*night)
        assert engines.differences() == []
        engines.retry()

    counted = engines.rows_counted()
    assert [name for name in readers_of_the_log() if not counted[name]] == []
    assert counted["int_corrected_events"] > events / 200


@pytest.mark.deep
def test_vintages_and_reports(tmp_path: Path, vintages_dir: Path) -> None:
    engines = TwoEngines.at(tmp_path)
    vintages = sorted(path for path in vintages_dir.iterdir() if path.suffix != ".md")
    reports = sorted((SEEDS / "reports").glob("*.yml"))

    for night in ((*vintages[::2], *reports[::2]), (*vintages, *reports)):
        engines.build(*night)
        assert engines.differences() == []

    counted = engines.rows_counted()
    assert counted["stg_events__volume_reported"] > 100_000
    assert counted["stg_events__statement_published"] > 100


def readers_of_the_log() -> list[str]:
    """Names of the models that are tagged so, or lie in the folder that is."""
    tagged = [path.stem for path in MODELS.rglob("*.sql") if "reads_log" in path.read_text()]
    return sorted({*tagged, *(path.stem for path in (MODELS / "staging").glob("*.sql"))})


def simulated(folder: Path, *, events: int) -> tuple[list[Path], list[Path]]:
    """Files for two nights: corrections come before and after what they name, starts are repeated
    and records set aside across the nights, a cell is unreadable, and each type of event is there.
    """
    simulate_landing(folder / "published")
    simulate_returns(folder / "returns")
    start, end = date(2015, 7, 1), date(2015, 9, 30)
    simulate_events(folder / "events", events=events, seed=1, start=start, end=end, files="daily")
    shutil.rmtree(folder / "events" / "truth")
    unreadable = sorted((folder / "returns").glob("*.csv"))[0]
    unreadable.write_bytes(
        re.sub(rb"completed,\d+", b"completed,12k", unreadable.read_bytes(), count=1)
    )
    (folder / "examples.jsonl").write_bytes(lines(*examples()))
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    odd = folder / "odd.jsonl"
    simulate_odd_events(odd)
    events_in_turn = odd.read_bytes().splitlines(keepends=True)
    halves = [folder / "odd-first.jsonl", folder / "odd-later.jsonl"]
    for half, path in enumerate(halves):
        path.write_bytes(b"".join(events_in_turn[half::2]))
    return [*files[::2], halves[0]], [*files[1::2], halves[1]]


def examples() -> Iterator[Event]:
    """The examples of all types of event, as simulated ones."""
    for path in sorted(SCHEMAS.glob("*.json")):
        for example in json.loads(path.read_text(encoding="utf-8"))["examples"]:
            yield example | {"simulated": True}
