"""Returns that come back as a workbook: the same events as of a CSV, and what is never taken."""

from __future__ import annotations

import datetime as dt
import re
import shutil
import subprocess
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from core.settings import SEEDS
from ingest.landing.workbooks import column_letters, column_number
from ingest.load.recognition import recognise
from ingest.sources.mi_returns import MiReturns
from ingest.sources.mi_template import COLUMNS, template_of
from ingest.sources.mi_template_book import workbook_of
from tests.component.test_source_mi_returns import as_csv
from tests.support.source_runs import CONTEXT, lay, records, refused_whole, run, source_file
from tests.support.workbooks import HOSTILE, PLAIN, RETURN, Error, Formula, as_errors, workbook

SOURCE = MiReturns()
SIGNED = {
    "signed_off_by_role": "service manager",
    "signed_off_on": dt.datetime.fromisoformat("2015-04-21T15:30"),
    "assurance": "department",
    "commentary": "Two\nlines, “quoted”.",
}
WRITTEN = {
    "period_start": "01/01/2015",
    "period_end": "31/03/2015",
    "submitted_on": "2015-04-20",
    "count": "1,234",
}


def land(folder: Path, content: bytes, name: str = "a.xlsx") -> Path:
    folder.mkdir(exist_ok=True)
    (folder / name).write_bytes(content)
    return folder / name


def test_a_workbook_gives_the_events_of_its_csv(tmp_path: Path) -> None:
    total = RETURN | SIGNED | {"breakdown": "total", "count": 2000, "cost_gbp": 5400.5}
    signed = WRITTEN | {
        "breakdown": "total",
        "count": "2000",
        "cost_gbp": "£5,400.50",
        "signed_off_on": "2015-04-21T15:30:00",
    }
    plain = {name: str(value) for name, value in RETURN.items()} | WRITTEN
    lay(tmp_path, {"a.csv": as_csv([plain, plain | SIGNED | signed])})  # type: ignore[dict-item]
    book = land(tmp_path, workbook(RETURN, total))

    of_book, of_csv = records(SOURCE, book), records(SOURCE, tmp_path / "a.csv")

    told = ("position", "place", "line", "reason")
    assert len(of_book) == 4
    assert [[row[name] for name in told] for row in of_book] == [
        [row[name] for name in told] for row in of_csv
    ]


def test_what_is_accepted_is_the_same_too(tmp_path: Path) -> None:
    plain = {name: str(value) for name, value in RETURN.items()} | WRITTEN
    lay(tmp_path / "csv", {"a.csv": as_csv([plain])})
    by_csv = run(tmp_path / "one", tmp_path / "csv")
    by_book = run(tmp_path / "two", land(tmp_path / "book", PLAIN))

    def events(done: Any) -> list[dict[str, Any]]:
        of_the_file = {"file_hash"}
        return [
            {name: value for name, value in row.items() if name not in of_the_file}
            for row in done.events()
        ]

    assert len(events(by_csv)) == 1
    assert events(by_book) == events(by_csv)


@pytest.mark.parametrize("name", ["a.xlsx", "a.csv", "return"])
def test_it_is_known_by_its_content(tmp_path: Path, name: str) -> None:
    assert recognise(source_file(land(tmp_path, PLAIN, name))).name == "mi_returns"


@pytest.mark.parametrize(
    ("count", "reason", "read"),
    [
        (1234.0, None, 1234),
        (0, None, 0),
        ("1,234", None, 1234),
        (10**14, None, 10**14),
        (1234.5, "unreadable_cell", None),
        (Error("#N/A"), "unreadable_cell", None),
    ],
)
def test_numbers_are_numbers(tmp_path: Path, count: Any, reason: str | None, read: Any) -> None:
    book = land(tmp_path, as_errors(workbook(RETURN | {"count": count})))

    (found,) = records(SOURCE, book)

    assert found["reason"] == reason
    assert (found["line"] or {"data": {"count": None}})["data"]["count"] == read


@pytest.mark.parametrize("column", ["note", "commentary", "period_start", "service_id"])
def test_an_error_costs_its_row(tmp_path: Path, column: str) -> None:
    book = as_errors(workbook(RETURN | {column: Error("#REF!")}, RETURN | {"breakdown": "paper"}))
    done = run(tmp_path / "home", land(tmp_path / "landing", book))

    assert {position for position, *_ in done.refusals()} == {2}
    assert [row["position"] for row in done.events() if row["place"] == "count"][-1] == 3


def test_titles_above_the_table_move_its_rows(tmp_path: Path) -> None:
    book = workbook(RETURN, {}, RETURN | {"breakdown": "paper"}, above=["Our return", "Draft"])

    found = records(SOURCE, land(tmp_path, book))

    assert [row["position"] for row in found] == [4, 6]


def test_a_cell_beside_the_table_costs_its_row(tmp_path: Path) -> None:
    def beside(_: Any, sheet: Any) -> None:
        sheet.write_string(1, len(COLUMNS), "ask Jo")

    found = records(SOURCE, land(tmp_path, workbook(RETURN, RETURN, change=beside)))

    assert [(row["position"], row["reason"]) for row in found] == [(2, "wrong_width"), (3, None)]


def test_formulas_outside_the_table_are_nobodys_figures(tmp_path: Path) -> None:
    def elsewhere(book: Any, _: Any) -> None:
        book.add_worksheet("Sums").write_formula(0, 0, "=SUM(Return!I2:I9)", None, 5)

    assert len(records(SOURCE, land(tmp_path, workbook(RETURN, change=elsewhere)))) == 1


@pytest.mark.parametrize("name", HOSTILE)
def test_what_is_never_taken(tmp_path: Path, name: str) -> None:
    content, reason, detail = HOSTILE[name]
    done = run(tmp_path / "home", land(tmp_path / "landing", content, name))

    (file,) = done.result.files
    assert (file.state, file.reason) == ("rejected", reason)
    assert detail in (file.detail or "")


def test_the_first_formula_and_how_many_others_are_named(tmp_path: Path) -> None:
    cells = {"count": Formula("=1+1"), "note": Formula('="x"')}
    book = land(tmp_path, workbook(RETURN, RETURN | cells, RETURN | cells))

    reason, detail = refused_whole(SOURCE, book)

    assert (reason, detail) == ("formulas", "cell I3 of sheet 'Return' and 3 others")


def test_a_quarantined_row_is_read_again(tmp_path: Path) -> None:
    book = land(tmp_path, workbook(RETURN | {"service_id": "of-nobody"}))
    (refused,) = records(SOURCE, book)
    assert refused["reason"] == "unknown_service"

    knowing = replace(CONTEXT, listed=frozenset({"of-nobody"}))
    (again,) = SOURCE.read_again(refused["raw"], refused["place"], knowing).to_pylist()

    assert (again["reason"], again["line"] is None) == (None, False)


@pytest.mark.parametrize(("mark", "says"), [(True, True), ("", False)])
def test_a_simulated_workbook_says_so(tmp_path: Path, mark: Any, says: bool) -> None:
    book = workbook(RETURN | {"simulated": mark}, names=[*COLUMNS, "simulated"])

    assert SOURCE.marks_simulated(source_file(land(tmp_path, book))) is says


@pytest.mark.parametrize(("letters", "number"), [("A", 0), ("Z", 25), ("AA", 26), ("XFD", 16383)])
def test_columns_by_their_letters(letters: str, number: int) -> None:
    assert (column_number(letters), column_letters(number)) == (number, letters)


def template(**more: Any) -> bytes:
    return workbook_of(template_of("dwp", "2015-Q1", seeds=SEEDS, **more), seeds=SEEDS)


def test_the_template_is_the_same_each_time_and_comes_back(tmp_path: Path) -> None:
    due = dt.date(2015, 4, 30)
    book = template(due_on=due)
    assert book == template(due_on=due)

    found = records(SOURCE, land(tmp_path, book))

    rows = template_of("dwp", "2015-Q1", seeds=SEEDS, due_on=due).rows
    # Nobody has filled in when it is sent: that is missing, and nothing else is.
    assert {row["reason"] for row in found} == {"missing_field"}
    assert {row["detail"] for row in found} == {"submitted_on is blank"}
    assert [row["position"] for row in found] == list(range(2, len(rows) + 2))


@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not installed")
def test_libreoffice_opens_the_template_and_what_it_saves_is_the_same(tmp_path: Path) -> None:
    before = land(tmp_path, template(due_on=dt.date(2015, 4, 30)), "return.xlsx")
    subprocess.run(
        [
            *("soffice", f"-env:UserInstallation=file://{tmp_path}/profile", "--headless"),
            *("--convert-to", "xlsx:Calc MS Excel 2007 XML", "--outdir", str(tmp_path / "saved")),
            str(before),
        ],
        check=True,
        capture_output=True,
        timeout=180,
    )

    after = tmp_path / "saved" / "return.xlsx"

    assert after.read_bytes() != before.read_bytes()
    assert records(SOURCE, after) == records(SOURCE, before)


def test_the_template_is_a_sheet_for_each_thing_with_lists_to_choose_from(tmp_path: Path) -> None:
    with zipfile.ZipFile(land(tmp_path, template())) as archive:
        parts = {name: archive.read(name).decode() for name in archive.namelist()}
    sheets = [parts[f"xl/worksheets/sheet{number}.xml"] for number in (1, 2, 3)]
    assert re.findall(r'<sheet name="([^"]*)"', parts["xl/workbook.xml"]) == [
        "How to fill in",
        "Return",
        "Notes",
    ]
    assert not any(re.search("<f>|<mergeCell|<hyperlink|sheetProtection", one) for one in sheets)
    assert 'state="frozen"' in sheets[1]
    assert sheets[1].count("<dataValidation ") == 5
    assert 'name="return_table"' in parts["xl/tables/table1.xml"]
    assert "More than 5 points".casefold() in parts["xl/sharedStrings.xml"].casefold()


@pytest.fixture
def calendar(tmp_path: Path) -> Callable[[str], Path]:
    def lay_calendar(rows: str) -> Path:
        seeds = shutil.copytree(SEEDS, tmp_path / "seeds", dirs_exist_ok=True)
        with (seeds / "return_calendar.csv").open("a") as stream:
            stream.write(rows)
        return seeds

    return lay_calendar


@pytest.mark.parametrize(
    ("given", "expected"),
    [(None, dt.date(2015, 5, 5)), (dt.date(2015, 6, 1), dt.date(2015, 6, 1))],
)
def test_the_calendar_says_when_it_is_due(
    calendar: Callable[[str], Path], given: dt.date | None, expected: dt.date
) -> None:
    seeds = calendar(
        ",quarter,2015-01-01,2015-03-31,2015-04-30,,a letter\n"
        "dwp,quarter,2015-01-01,2015-03-31,2015-05-05,,a letter\n"
        "dwp,quarter,2015-04-01,2015-06-30,2015-08-05,,a letter\n"
    )
    made = template_of("dwp", "2015-Q1", seeds=seeds, due_on=given)
    assert made.due_on == expected
    assert {row["due_on"] for row in made.rows} == {expected.isoformat()}
    assert template_of("dft", "2015-Q1", seeds=seeds).due_on == dt.date(2015, 4, 30)
    assert template_of("dft", "2015-Q2", seeds=seeds).due_on is None
