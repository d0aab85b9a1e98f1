"""The landing of `make demo`: every record of it is taken, and what is in it is what is said."""

from __future__ import annotations

import json
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ingest.sources.mi_template import COLUMNS, OPTIONAL_COLUMNS
from simulator.demo import simulate_demo
from simulator.returns import HEADER
from tests.support.source_runs import Run, run


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Run:
    folder = tmp_path_factory.mktemp("demo")
    simulate_demo(folder / "landing", events=4_000)
    return run(folder / "home", folder / "landing", at=datetime(2016, 1, 1, 12, tzinfo=UTC))


def test_everything_is_taken(demo: Run) -> None:
    assert demo.refusals() == []
    assert {file.state for file in demo.result.files} == {"ingested"}


def test_there_are_events_of_every_type_but_those_of_reports(demo: Run) -> None:
    found = {row["type"] for row in demo.events()}

    assert {kind.removeprefix("uk.gov.takeup.") for kind in found} == {
        "transaction.started.v1",
        "transaction.completed.v1",
        "transaction.voided.v1",
        "transaction.channel_corrected.v1",
        "volume.reported.v1",
        "cost.reported.v1",
        "service.listed.v1",
        "figure.published.v1",
        "return.signed_off.v1",
        "feedback.given.v1",
        "contact.received.v1",
        "campaign.ran.v1",
        "record.set_aside.v1",
        "record.restored.v1",
    }
    assert all(json.loads(row["extensions"])["simulated"] is True for row in demo.events())


def test_returns_are_late_unsigned_and_restated(demo: Run) -> None:
    events = [row for row in demo.events() if row["source"].startswith("urn:takeup:mi-return")]
    volumes = [row for row in events if "volume.reported" in row["type"]]
    signed = {row["source"] for row in events if "signed_off" in row["type"]}
    late = {
        row["source"]
        for row in volumes
        if json.loads(row["data"])["due_on"] < row["published_at"].date().isoformat()
    }
    times = Counter(
        (row["source"], json.loads(row["data"])["period"]["start"])
        for row in {(r["source"], r["published_at"], r["data"]): r for r in volumes}.values()
        if json.loads(row["data"])["breakdown"] == "total"
    )

    sources = {row["source"] for row in volumes}
    assert late
    assert sources - late
    assert sources - signed
    assert signed
    assert max(times.values()) > min(times.values())


def test_returns_have_the_columns_of_the_template() -> None:
    assert set(HEADER) == set(COLUMNS) | set(OPTIONAL_COLUMNS)
    assert [name for name in HEADER if name in COLUMNS] == list(COLUMNS)


def test_the_same_again_writes_the_same(tmp_path: Path) -> None:
    simulate_demo(tmp_path / "landing", events=1_000)
    before = {path: path.read_bytes() for path in tmp_path.rglob("*.*")}
    simulate_demo(tmp_path / "landing", events=1_000)

    assert {path: path.read_bytes() for path in tmp_path.rglob("*.*")} == before
