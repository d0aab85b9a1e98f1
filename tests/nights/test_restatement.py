"""A night after a night: nothing new, one restated cell, and everything made again from the log."""

from __future__ import annotations

import csv
import shutil
from pathlib import Path

import duckdb
import pytest

from core.settings import Settings
from publish.fingerprint import table_hashes
from simulator.landing import simulate_landing
from takeup import nightly
from takeup.replay import replay

SERVICE = "dwp-carers-allowance-new-claims"
CELL = "Total transactions\nJan - Mar 2015"
KEYS = "service_id, period_kind, period_start, definition_id, measure, basis"


def night(settings: Settings, landing: Path) -> dict[str, nightly.StepFacts]:
    return dict(nightly.run_all(settings, landing=landing))


def rows(settings: Settings, query: str) -> list[tuple[object, ...]]:
    with duckdb.connect(str(settings.published_file), read_only=True) as connection:
        return connection.execute(query).fetchall()


@pytest.mark.nights
@pytest.mark.deep
def test_the_same_again_one_cell_changed_and_a_replay(tmp_path: Path) -> None:
    settings = Settings.load(tmp_path / "home")
    landing = tmp_path / "landing"
    made = simulate_landing(landing)
    first = night(settings, landing)
    assert first["publish"]["file"] == "published"

    other_names = tmp_path / "other"
    other_names.mkdir()
    for path in landing.glob("services-*.csv"):
        shutil.copy(path, other_names / f"copy-of-{path.name}")
    again = night(settings, other_names)
    assert again["ingest"]["read"] == 0
    assert {row[0] for row in rows(settings, "select state from ingest_ledger")} == {
        "ingested",
        "duplicate_file",
    }

    changed = tmp_path / "changed"
    changed.mkdir()
    with made.publications[-1].open(encoding="utf-8", newline="") as stream:
        table = list(csv.reader(stream))
    column, key = table[0].index(CELL), table[0].index("Slug")
    row = next(row for row in table if row[key] == SERVICE)
    row[column] = str(int(row[column].replace(",", "")) + 1000)
    with (changed / "services-2015-09-30.csv").open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows(table)
    night(settings, changed)
    differing = rows(
        settings,
        f"""
        select service_id, new.period_kind, count(*)
        from take_up as new
        inner join take_up_as_of(timestamptz '2015-09-01') as old using ({KEYS})
        where new.total_count is distinct from old.total_count
        group by service_id, new.period_kind order by new.period_kind
        """,
    )
    assert [row for row in differing if row[1] == "quarter"] == [(SERVICE, "quarter", 1)]
    assert {row[0] for row in differing} == {SERVICE}
    assert {row[1] for row in differing} > {"quarter"}, "what is derived from it follows"

    before = table_hashes(settings.published_file)
    shutil.rmtree(settings.warehouse)
    shutil.rmtree(settings.published)
    assert replay(settings).before is None
    assert table_hashes(settings.published_file) == before
