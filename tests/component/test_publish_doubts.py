"""The ten doubts of a quarter that could move most, wherever they are shown."""

from __future__ import annotations

import csv
from pathlib import Path

import duckdb
import pytest

from core.settings import Settings
from publish.database import reading
from publish.doubts import doubt_lines
from publish.export import export_quarter
from publish.swap import publish as swap
from takeup.status import status_of
from tests.support.warehouse import build_staging, gate_passed, make_settings


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """A home whose file has twelve doubts of its latest quarter, one of which moves nothing."""
    made = make_settings(tmp_path / "home")
    build_staging(made)
    swap(made, run_id="run", require_pass=gate_passed)
    return made


def changed(settings: Settings, statement: str) -> Path:
    """The staging file after a statement."""
    with duckdb.connect(str(settings.staging_file)) as connection:
        connection.execute(statement)
    return settings.staging_file


def lines_of(database: Path) -> list[str]:
    """What a file says is most in doubt."""
    with reading(database) as connection:
        return doubt_lines(connection)


def test_the_largest_of_the_latest_quarter_come_first_with_the_number_of_the_others(
    settings: Settings,
) -> None:
    head, *lines = lines_of(settings.published_file)

    assert head == (
        "October to December 2014: the 10 that could move most, and 2 more; "
        "13 in all in the table data_quality"
    )
    assert len(lines) == 10
    assert lines[0] == (
        "Fishing [rod] licence: doubt 11; could move take-up +11.0 pp, of its department +1.10 pp"
    )
    assert lines[-1].startswith("Fishing [rod] licence: doubt 2;")


def test_the_points_of_the_department_decide_before_those_of_the_service(
    settings: Settings,
) -> None:
    database = changed(
        settings,
        "update data_quality set department_effect_pp = -9 where what = 'doubt 1';"
        "update data_quality set department_effect_pp = null where what = 'doubt 11'",
    )
    _, *lines = lines_of(database)

    assert "doubt 1;" in lines[0]
    assert "of its department -9.00 pp" in lines[0]
    assert "doubt 11;" not in " ".join(lines)  # ten of the eleven are of a department


def test_what_is_withheld_and_what_moves_nothing_are_not_among_them(settings: Settings) -> None:
    database = changed(
        settings,
        "update data_quality set severity = 'withheld' where what in ('doubt 11', 'doubt 10');"
        "update data_quality set service_effect_pp = 0, department_effect_pp = null"
        " where what = 'doubt 9'",
    )
    head, *lines = lines_of(database)

    assert "the 8 that could move most, and 2 more" in head
    assert len(lines) == 8
    assert "doubt 8;" in lines[0]


def test_a_check_that_doubts_both_counts_is_one_doubt(settings: Settings) -> None:
    database = changed(
        settings,
        "insert into data_quality"
        " select * replace ('digital_count' as quantity, 'the same' as what) from data_quality"
        " where what = 'doubt 11' and period_start = '2014-10-01'",
    )

    assert lines_of(database)[0].endswith("2 more; 14 in all in the table data_quality")
    assert "doubt 10;" in lines_of(database)[2]


@pytest.mark.parametrize(
    "statement",
    [
        "delete from data_quality where period_start = '2014-10-01'",
        "delete from take_up_headline",
        "alter table data_quality drop service_effect_pp",  # of an earlier version
        "drop table data_quality",
    ],
)
def test_where_there_are_none_nothing_is_said(settings: Settings, statement: str) -> None:
    assert lines_of(changed(settings, statement)) == []


def test_status_says_them(settings: Settings) -> None:
    assert status_of(settings)["in_doubt"] == lines_of(settings.published_file)


def test_a_pack_has_those_of_its_quarter(settings: Settings) -> None:
    pack = export_quarter(settings, quarter="2014-Q4")
    with (pack.path / "data_quality.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    earlier = export_quarter(settings, quarter="2014-Q3")
    with (earlier.path / "data_quality.csv").open(newline="", encoding="utf-8") as file:
        (one,) = csv.DictReader(file)

    assert [row["what"] for row in rows] == [f"doubt {number}" for number in range(11, 1, -1)]
    assert [row["place"] for row in rows] == [str(place) for place in range(1, 11)]
    assert {row["others_count"] for row in rows} == {"2"}
    assert (one["what"], one["others_count"]) == ("doubt 11", "0")
