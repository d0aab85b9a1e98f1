"""Homes of a first run: the example, once the publications land, and the simulated one."""

from __future__ import annotations

import shutil
from pathlib import Path

import duckdb
import pytest

from core.settings import Settings
from core.sql import quote
from simulator.demo import simulate_demo
from takeup import nightly
from tests.support.nights import run_night
from tests.support.published import columns_of, differing_rows

WHERE_FOUND = {"input", "content_hash", "place", "line", "citations"}
OF_THE_RUN = {"ingest_ledger", "run_history", "warehouse_version"}
NOT_SIMULATED = {
    "commitments",
    "inclusion",
    "promises",
    "report_claims",
    "report_subjects",
    "target_paths",
}
"""Only reports fill these, and only a register the last."""
OF_THE_ARRIVAL = {
    # A document without a date is known since it was recorded.
    "promises": {"known_at"},
    "published_figures": {"known_at"},
    "report_claims": {"known_at"},
    "publications": {"recorded_at"},
}


@pytest.mark.nights
@pytest.mark.deep
def test_publications_and_documents_that_land_later_stand_in_for_what_was_carried(
    example_home: Path, vintages_home: Path, tmp_path: Path
) -> None:
    settings = Settings.load(tmp_path / "home")
    shutil.copytree(example_home / "log", settings.log)

    facts = dict(nightly.run_all(settings, landing=vintages_home.parent / "landing"))

    # Every figure and every change was known; listings, repeated volumes and documents are new.
    assert facts["ingest"]["duplicates"] == 237_158
    assert facts["ingest"]["quarantined"] == 1
    published = vintages_home / "published" / "takeup.duckdb"
    with duckdb.connect() as connection:
        connection.execute(f"attach {quote(settings.published_file)} as later (read_only)")
        connection.execute(f"attach {quote(published)} as landed (read_only)")
        different = {}
        for table in set(columns_of(connection, "landed")) - OF_THE_RUN:
            left_out = WHERE_FOUND | OF_THE_ARRIVAL.get(table, set())
            if count := differing_rows(connection, "later", "landed", table, but=left_out):
                different[table] = count
    assert different == {}


@pytest.mark.nights
def test_the_demo_fills_every_table_that_is_not_made_of_reports(tmp_path: Path) -> None:
    simulate_demo(tmp_path / "landing")
    run_night(tmp_path / "home", tmp_path / "landing")

    with duckdb.connect(str(tmp_path / "home" / "published" / "takeup.duckdb")) as connection:
        tables = connection.execute(
            "select table_name from duckdb_tables() where schema_name = 'main'"
        ).fetchall()
        empty = {
            table
            for (table,) in tables
            if connection.execute(f'select count(*) from "{table}"').fetchone() == (0,)
        }
    assert empty == NOT_SIMULATED
