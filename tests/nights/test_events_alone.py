"""A home of events alone, end to end: departments, government, what moved them, targets, a pack."""

from __future__ import annotations

import csv
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from tests.support.nights import run_night

TAKEUP = str(Path(sys.executable).with_name("takeup"))


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("events")
    asked = ("--events", "100000", "--from", "2014-01-01", "--to", "2015-12-31")
    subprocess.run([TAKEUP, "simulate", str(folder / "made"), *asked], check=True, timeout=300)
    run_night(folder / "home", folder / "made" / "landing")
    return folder / "home"


@pytest.fixture
def published(home: Path) -> duckdb.DuckDBPyConnection:
    return duckdb.connect(str(home / "published" / "takeup.duckdb"), read_only=True)


@pytest.mark.nights
def test_events_are_authoritative_without_a_register_entry(
    published: duckdb.DuckDBPyConnection,
) -> None:
    found = published.execute(
        "select distinct basis, is_authoritative from take_up_headline"
    ).fetchall()
    assert found == [("events", True)]


@pytest.mark.nights
def test_events_reach_departments_and_what_moved_them(
    published: duckdb.DuckDBPyConnection,
) -> None:
    measured = published.execute(
        "select level, count(*) from department_take_up where take_up_ratio is not null"
        " and coverage_status = 'complete' group by level"
    ).fetchall()
    assert {level for level, _ in measured} >= {"government", "department"}
    ((rows, apart),) = published.execute(
        "select count(*), max(abs(total_shift_pp - within_service_pp - mix_pp - entry_exit_pp"
        " - coverage_pp)) from channel_shift_decomposition where within_service_pp is not null"
    ).fetchall()
    assert rows > 0
    assert apart < 1e-9


@pytest.mark.nights
def test_a_target_is_judged_by_events_and_so_it_is_packed(
    home: Path, published: duckdb.DuckDBPyConnection
) -> None:
    judged = published.execute(
        "select target_id, basis, definition_used, measured_ratio from target_attainment"
        " where verdict <> 'not_measurable'"
    ).fetchall()
    assert judged
    assert {basis for _, basis, _, _ in judged} == {"events"}
    assert "transactions-explorer" not in {used for _, _, used, _ in judged}

    subprocess.run(
        [TAKEUP, "--home", str(home), "export", "--quarter", "2015-Q4"], check=True, timeout=300
    )
    (pack,) = (home / "exports").iterdir()
    with (pack / "target_attainment.csv").open(encoding="utf-8-sig", newline="") as stream:
        packed = {row["target_id"]: row["basis"] for row in csv.DictReader(stream)}
    assert {target: packed[target] for target, *_ in judged} == {
        target: "events" for target, *_ in judged
    }
