"""Nights on the action papers and two later versions of each; one more is cut: a person decides."""

from __future__ import annotations

import shutil
from pathlib import Path

import duckdb
import pytest

from core.settings import SEEDS
from ingest.sources.reports import read_document
from tests.support.html_copies import html_copy
from tests.support.later_papers import COURSES, THINGS, versions, without_a_body
from tests.support.nights import copy_project, run_takeup
from tests.support.told_reports import places_of, registers

CUT = "action-9-2018-01-19"

pytestmark = pytest.mark.deep


def lay(landing: Path) -> None:
    """Of one paper the first version as its digest, of another the second as a page too."""
    landing.mkdir()
    for action in THINGS:
        for number, content in enumerate(versions(action), start=1):
            (landing / f"{action}-{number}.txt").write_bytes(content)
    shutil.copy(SEEDS / "reports" / "action-15-2015-01-16.yml", landing)
    (landing / "15-1.txt").unlink()
    second = versions(8)[1]
    page = html_copy(second.decode(), read_document(second, registers=registers()))
    (landing / "8-2.html").write_text(page, encoding="utf-8")
    cut = without_a_body(9, "Department of Health", "Foreign and Commonwealth Office")
    (landing / "cut.txt").write_bytes(cut)


def promised(home: Path, moment: str | None = None) -> dict[str, str]:
    """What is reported of each promise, of which each has one row, by where it first stood."""
    source = f"promises_as_of(timestamptz '{moment} 00:00:00+00')" if moment else "promises"
    with duckdb.connect(str(home / "published" / "takeup.duckdb"), read_only=True) as connection:
        rows = connection.execute(f"select promise_id, reported from {source}").fetchall()
        places = places_of(connection, source)
    assert len({promise_id for promise_id, _ in rows}) == len(rows)
    return {places[promise_id]: said for promise_id, said in rows}


def standing(home: Path) -> dict[str, str]:
    """Of each version of a paper, whether it is taken; held ones are warned of."""
    with duckdb.connect(str(home / "published" / "takeup.duckdb"), read_only=True) as connection:
        warned = connection.execute(
            "select input from data_quality where check_id = 'report_reads_worse'"
        ).fetchall()
        rows = connection.execute("select document, version_status from publications").fetchall()
    assert warned == [("cut.txt",) for _, status in rows if status == "held"]
    return dict(rows)


@pytest.mark.nights
def test_papers_of_three_years_and_a_decision_on_the_fourth(tmp_path: Path) -> None:
    landing, home, project = (tmp_path / name for name in ("landing", "home", "project"))
    lay(landing)
    copy_project(project)
    run_takeup(project, home, "nightly", "--landing", str(landing))

    before = promised(home)
    courses = {
        f"action-{action}:{body}:plan-2016:1": course.word
        for action in THINGS
        for body, course in COURSES.items()
    }
    assert {promise_id: before[promise_id] for promise_id in courses} == courses
    assert not promised(home, "2015-01-15")
    assert not courses.keys() & promised(home, "2015-06-01").keys()
    assert promised(home, "2015-06-01").keys() < promised(home, "2016-06-01").keys() < before.keys()
    assert standing(home) == {
        **{
            f"action-{action}-{day}": "taken"
            for action in THINGS
            for day in ("2015-01-16", "2016-01-15", "2017-01-20")
        },
        CUT: "held",
    }

    with (project / "seeds" / "report_versions.csv").open("a", encoding="utf-8") as register:
        register.write(f"{CUT},taken,Health left the action in 2017.,Test\n")
    run_takeup(project, home, "nightly", "--landing", str(landing))
    assert standing(home)[CUT] == "taken"
    after = promised(home)
    assert {name: word for name, word in after.items() if word != before.get(name)} == {
        "action-9:dft:plan-2016:1": "kept_late",
        "action-9:dft:plan-2017:1": "kept",
    }
    assert after.keys() == before.keys()
