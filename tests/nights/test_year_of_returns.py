"""A year of a department's returns, of two services and four quarters.

In time, late, missing, unsigned, without commentary and restated, by CSV and by workbook: each is
shown as it is wherever people look.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import duckdb
import pytest

from core.settings import SEEDS, Settings
from ingest.sources.mi_template import template_of
from publish.pages.site.build import CURRENT, build_site
from publish.pages.site.source import department_path, service_path
from tests.support.nights import copy_project, run_takeup
from tests.support.site_pages import read_page
from tests.support.workbooks import workbook

RADON, EVENTS = "dh-radon-risk-reports", "dh-online-event-conference-bookings"
DUE = {
    "2015-Q1": ("2015-01-01", "2015-03-31", "2015-04-30"),
    "2015-Q2": ("2015-04-01", "2015-06-30", "2015-07-31"),
    "2015-Q3": ("2015-07-01", "2015-09-30", "2015-10-31"),
    "2015-Q4": ("2015-10-01", "2015-12-31", "2016-01-31"),
}
TARGET = (
    f"dh-radon-60,{RADON},dh,digital_take_up,0.6,2014-01-01,false,2015-09-30,quarter,"
    "transactions-explorer,All reports,,a letter,A target of a test.\n"
)
SIGNED = {"signed_off_by_role": "service manager", "assurance": "department"}

pytestmark = pytest.mark.deep


def sent(
    quarter: str, day: str, counts: Mapping[str, int], said: Mapping[str, Mapping[str, str]]
) -> tuple[list[str], list[dict[str, str]]]:
    """The template as it is filled in, by service: digital counts of a hundred, and sign-offs."""
    made = template_of("dh", quarter, seeds=SEEDS)
    rows = []
    for row in made.rows:
        service = row["service_id"]
        if service in counts:
            is_total = row["breakdown"] == "total"
            cells = {"count": "100" if is_total else str(counts[service]), "submitted_on": day}
            rows.append({**row, **cells, **(said.get(service, {}) if is_total else {})})
    return list(made.columns), rows


def as_csv(names: list[str], rows: list[dict[str, str]]) -> bytes:
    written = io.StringIO(newline="")
    writer = csv.DictWriter(written, names, restval="")
    writer.writeheader()
    writer.writerows(rows)
    return written.getvalue().encode()


def as_workbook(names: list[str], rows: list[dict[str, str]]) -> bytes:
    """Rows as a spreadsheet keeps them: numbers as numbers, days as days."""

    def cell(name: str, text: str) -> Any:
        if name == "count":
            return int(text)
        is_day = name in ("period_start", "period_end") or name.endswith("_on")
        return dt.datetime.fromisoformat(text) if is_day else text

    typed = [{name: cell(name, text) for name, text in row.items()} for row in rows]
    return workbook(*typed, names=names)


def land(folder: Path) -> Path:
    folder.mkdir()
    fine = {name: SIGNED | {"commentary": "As every quarter."} for name in (RADON, EVENTS)}
    unsaid = dict.fromkeys((RADON, EVENTS), SIGNED)
    mended = {EVENTS: SIGNED | {"commentary": "One booking was found."}}
    files = {
        "q1.csv": as_csv(*sent("2015-Q1", "2015-04-20", {RADON: 40, EVENTS: 50}, fine)),
        "q2.xlsx": as_workbook(*sent("2015-Q2", "2015-08-05", {RADON: 42, EVENTS: 50}, {})),
        "q3.xlsx": as_workbook(*sent("2015-Q3", "2015-10-20", {RADON: 50, EVENTS: 50}, unsaid)),
        "q3-again.csv": as_csv(*sent("2015-Q3", "2015-11-20", {EVENTS: 51}, mended)),
        "q4.xlsx": as_workbook(*sent("2015-Q4", "2016-01-20", {EVENTS: 51}, fine)),
    }
    for name, content in files.items():
        (folder / name).write_bytes(content)
    return folder


@pytest.fixture(scope="module")
def year(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The project with a calendar and a target of its own, and a home after one night."""
    folder = tmp_path_factory.mktemp("year")
    project, home = folder / "project", folder / "home"
    copy_project(project)
    with (project / "seeds" / "return_calendar.csv").open("a") as calendar:
        for start, end, due in DUE.values():
            calendar.write(f"dh,quarter,{start},{end},{due},,a letter\n")
    with (project / "seeds" / "targets.csv").open("a") as targets:
        targets.write(TARGET)
    run_takeup(project, home, "nightly", "--landing", str(land(folder / "landing")))
    return project, home


COLUMNS = (
    "due_on, received_at is not null, is_late, submissions_count, signed_off_by_role is not null,"
    " release_status, commentary_needed_for, is_commentary_missing"
)


@pytest.mark.nights
def test_the_table_of_returns_says_what_became_of_each(year: tuple[Path, Path]) -> None:
    with duckdb.connect(str(year[1] / "published" / "takeup.duckdb"), read_only=True) as opened:
        rows = opened.execute(
            f"select service_id, quarter(period_start), {COLUMNS} from mi_returns order by 1, 2"
        ).fetchall()
        days = {number: dt.date.fromisoformat(due) for number, (_, _, due) in
                enumerate(DUE.values(), start=1)}  # fmt: skip
        assert [row[2] for row in rows] == [days[row[1]] for row in rows]
        assert [(*row[:2], *row[3:]) for row in rows] == [
            (EVENTS, 1, True, False, 1, True, "final", None, False),
            (EVENTS, 2, True, True, 1, False, "provisional", None, False),
            (EVENTS, 3, True, False, 2, True, "final", "restatement", False),
            (EVENTS, 4, True, False, 1, True, "final", None, False),
            (RADON, 1, True, False, 1, True, "final", None, False),
            (RADON, 2, True, True, 1, False, "provisional", None, False),
            (RADON, 3, True, False, 1, True, "final", "movement, missed_target", True),
            (RADON, 4, False, True, 0, False, None, None, False),
        ]
        # The late one was awaited, and the missing one is no zero.
        awaited = opened.execute(
            "select service_id, is_late from mi_returns_as_of(timestamptz '2015-07-31 12:00:00+00')"
            " where received_at is null order by 1"
        ).fetchall()
        assert awaited == [(EVENTS, False), (RADON, False)]
        counted = opened.execute(
            "select service_id from take_up_headline where period_start = '2015-10-01'"
            " and period_kind = 'quarter' and total_count is not null"
        ).fetchall()
        assert counted == [(EVENTS,)]
        doubts = opened.execute(
            "select service_id, quarter(period_start) from data_quality"
            " where check_id = 'commentary_missing'"
        ).fetchall()
        assert doubts == [(RADON, 3)]


@pytest.mark.nights
def test_status_names_what_is_overdue_and_what_lacks_commentary(year: tuple[Path, Path]) -> None:
    project, home = year
    found = json.loads(run_takeup(project, home, "status", "--json"))
    assert found["returns"]["overdue_of"] == {"dh": 1}
    assert found["commentary"]["missing"] == 1
    assert found["commentary"]["latest"][0]["service_id"] == RADON
    screen = " ".join(run_takeup(project, home, "status").split())
    assert "1 return OVERDUE: dh 1; ask for them" in screen
    assert "commentary missing of 1 return; ask for it" in screen
    assert "dh, Radon risk reports, July to September 2015: movement, missed target" in screen


def rows_of(pack: Path, name: str) -> list[dict[str, str]]:
    with (pack / name).open(newline="", encoding="utf-8") as stream:
        return list(csv.DictReader(stream))


@pytest.mark.nights
def test_packs_show_what_is_missing_and_unsaid(year: tuple[Path, Path]) -> None:
    project, home = year
    packs = {
        quarter: Path(
            json.loads(run_takeup(project, home, "export", "--quarter", quarter, "--json"))["pack"]
        )
        for quarter in ("2015-Q3", "2015-Q4")
    }
    (unsaid,) = (r for r in rows_of(packs["2015-Q3"], "missing.csv") if r["department_id"] == "dh")
    assert (unsaid["service_id"], unsaid["is_commentary_missing"]) == (RADON, "true")
    assert unsaid["commentary_needed_for"] == "movement, missed_target"
    assert unsaid["is_return_outstanding"] == "false"
    summary = (packs["2015-Q3"] / "summary.html").read_text(encoding="utf-8")
    assert "Returns without the commentary that they need: 1." in summary

    (missing,) = (r for r in rows_of(packs["2015-Q4"], "missing.csv") if r["department_id"] == "dh")
    assert (missing["service_id"], missing["due_on"]) == (RADON, "2016-01-31")
    assert missing["is_return_outstanding"] == "true"
    returns = {row["service_id"]: row for row in rows_of(packs["2015-Q4"], "mi_returns.csv")}
    assert (returns[RADON]["received_at"], returns[RADON]["is_late"]) == ("", "true")
    assert returns[EVENTS]["release_status"] == "final"


@pytest.mark.nights
def test_pages_show_each_return_as_it_is(year: tuple[Path, Path]) -> None:
    home = year[1]
    build_site(Settings(home=home))
    site = home / "site" / CURRENT
    whole = [row[1:] for row in read_page(site / department_path("dh")).rows if len(row) == 7]
    fine = ("department", "final", "As every quarter.")
    assert [row for row in whole if row[0] == "31 January 2016"] == [
        ["31 January 2016", "outstanding and late", "", "", "", ""],
        ["31 January 2016", "20 January 2016", "20 January 2016, service manager", *fine],
    ]
    own = [row[1:] for row in read_page(site / service_path(RADON)).rows if len(row) == 7]
    unsigned = ["not signed off", "unassured", "provisional", "none"]
    assert ["31 July 2015", "5 August 2015, late", *unsigned] in own
    assert any(row[-1] == "missing, needed for movement, missed target" for row in own)
    again = [row for row in whole if row[-1] == "One booking was found."]
    assert [row[1] for row in again] == ["20 October 2015, sent 2 times"]


@pytest.mark.nights
def test_the_next_template_says_when_it_is_due_and_what_would_need_commentary(
    year: tuple[Path, Path], tmp_path: Path
) -> None:
    project, home = year
    said = run_takeup(project, home, "template", "--department", "dh", "--quarter", "2015-Q4")
    rows = [row for row in csv.DictReader(io.StringIO(said)) if row["breakdown"] == "total"]
    assert {row["due_on"] for row in rows} == {"2016-01-31"}
    needed = {row["service_id"]: row["commentary_needed"] for row in rows}
    assert needed == {
        RADON: "Needed if take-up is below 45.0% or above 55.0% (50.0% in the quarter before),"
        " or if it is below the target of 60.0% (due 30 September 2015).",
        EVENTS: "Needed if take-up is below 46.0% or above 56.0% (51.0% in the quarter before).",
    }
    book = tmp_path / "return.xlsx"
    asked = ("--department", "dh", "--quarter", "2015-Q4", "--format", "xlsx", "--out", str(book))
    run_takeup(project, home, "template", *asked)
    once = book.read_bytes()
    run_takeup(project, home, "template", *asked)
    assert book.read_bytes() == once
