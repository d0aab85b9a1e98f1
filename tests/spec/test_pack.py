"""The pack on the real tables: its description holds, its workbook opens, its names are text."""

from __future__ import annotations

import csv
import datetime as dt
import json
import re
import shutil
import subprocess
import zipfile
from html.parser import HTMLParser
from pathlib import Path

import duckdb
import pyarrow.parquet as pq
import pytest

from core.settings import Settings
from core.spreadsheet import neutralise
from publish.display import day, percentage
from publish.export import export_quarter
from publish.pack import Pack
from publish.workbook import NOT_THERE, SHEETS

HOSTILE = (
    '=HYPERLINK("http://x","y")',
    "+44 20 7946 0000",
    "-2+3",
    "@SUM(A1)",
    "<script>alert(1)</script>",
    "\"quoted\", 'twice'; =1+1",
    "two\nlines\tand a tab",
    "مرحبا",
    "x" * 300,
    "[a link](http://x) $$note$$ {=1+1}",
)
NAMES = [f"{HOSTILE[number % 10]}{number // 10 or ''}" for number in range(100)]
AT = "timestamptz '2015-03-01 00:00:00+00'"
PERIODS = """
    select * from (values
        ('quarter', date '2014-10-01', date '2014-12-31'),
        ('rolling_year', date '2014-01-01', date '2014-12-31')
    ) as periods (period_kind, period_start, period_end)
"""


def fill(connection: duckdb.DuckDBPyConnection) -> None:
    """A hundred services with odd names, each measured and each with something missing."""
    connection.execute("create temp table odd (number bigint, service_id varchar, name varchar)")
    connection.executemany(
        "insert into odd values (?, ?, ?)",
        [(number, f"service-{number:03}", name) for number, name in enumerate(NAMES)],
    )
    services = (
        "insert into services by name select service_id, name as service_name, name as notes,"
        " 'dept' as department_id, name as organisation_name, 'org' as organisation_id,"
        " first_value(name) over (order by number) as department_name, 'flow' as volume_kind,"
        " true as is_listed, false as is_simulated from odd"
    )
    take_up = f"""
        insert into {{table}} by name
        select service_id, period_kind, period_start, period_end,
            'transactions-explorer' as definition_id, 'completed' as measure,
            1000 + number * 7 as digital_count, 20000 as total_count,
            (1000 + number * 7) / 20000 as take_up_ratio, 'complete' as value_status,
            name as status_reason, 'reported' as basis, true as is_authoritative,
            {AT} as known_at, false as is_simulated
        from odd, ({PERIODS})
    """
    others = f"""
        insert into channel_shift by name
        select service_id, period_kind, period_start, period_end, definition_id, measure, basis,
            is_authoritative, take_up_ratio, -1.25 as shift_pp_year, false as is_simulated
        from take_up_headline;
        insert into offline_volumes by name
        select service_id, period_kind, period_start, period_end,
            total_count - digital_count as offline_count, total_count,
            (total_count - digital_count) / sum(total_count - digital_count) over ()
            as offline_share, -number as change_count, false as is_simulated
        from take_up_headline inner join odd using (service_id)
        where period_kind = 'rolling_year';
        insert into department_take_up by name
        select level, if(level = 'government', 'all', 'dept') as department_id,
            'current' as structure, 'all' as scope, period_kind, period_start, period_end,
            definition_id, sum(digital_count) as digital_count, sum(total_count) as total_count,
            sum(digital_count) / sum(total_count) as take_up_ratio, 0.05 as take_up_lower,
            0.0987 as take_up_upper, 100 as services_active, 100 as services_measured,
            0.95 as coverage_ratio, 'partial' as coverage_status,
            sum(total_count - digital_count) as offline_count, false as is_simulated
        from take_up_headline, (select unnest(['government', 'department']) as level)
        group by all;
        insert into unmeasured_services by name
        select 'dept' as department_id, date '2014-10-01' as period_start,
            date '2014-12-31' as period_end, service_id, 'not_returned' as status,
            number as assumed_count, 'transactions-explorer' as definition_id,
            false as is_simulated
        from odd;
        insert into mi_returns by name
        select service_id, 'quarter' as period_kind, date '2014-10-01' as period_start,
            date '2014-12-31' as period_end, 'dept' as department_id, date '2015-01-31' as due_on,
            if(number < 50, {AT}, null) as received_at, name as commentary,
            number < 5 as is_commentary_missing,
            if(number < 5, 'missed_target', null) as commentary_needed_for, false as is_simulated
        from odd;
        insert into revisions by name
        select service_id, 'quarter' as period_kind, date '2014-07-01' as period_start,
            date '2014-09-30' as period_end, 'digital_count' as quantity, 1.0 as old_value,
            2.0 as new_value, {AT} as new_known_at, 'between_releases' as timing, name as cause,
            number as effect_pp, 'v.csv' as input, false as is_simulated
        from odd;
        insert into publications by name
        select 'volumes-' || number || '.csv' as document, 'volumes' as kind,
            'urn:x' as event_source, {AT} - to_days(30 * number) as published_at,
            {AT} as recorded_at, false as is_simulated
        from range(2) as numbers (number)
    """
    for statement in (
        services,
        take_up.format(table="take_up_headline"),
        take_up.format(table="take_up"),
        others,
    ):
        connection.execute(statement)


@pytest.fixture(scope="module")
def database(empty_build: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("pack") / "takeup.duckdb"
    shutil.copyfile(empty_build / "takeup.duckdb", file)
    with duckdb.connect(str(file)) as connection:
        connection.execute("set TimeZone = 'UTC'")
        fill(connection)
    return file


@pytest.fixture(scope="module")
def pack(database: Path, tmp_path_factory: pytest.TempPathFactory) -> Pack:
    return export(database, tmp_path_factory.mktemp("home"))


def export(database: Path, home: Path, **options: str) -> Pack:
    return export_quarter(Settings(home=home), quarter="2014-Q4", database=database, **options)  # type: ignore[arg-type]


def rows_of(pack: Pack, name: str) -> list[dict[str, str]]:
    with (pack.path / f"{name}.csv").open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_the_description_is_valid_and_says_every_column(pack: Pack) -> None:
    from frictionless import Package

    path = pack.path / "datapackage.json"
    report = Package(str(path)).validate()
    assert report.valid, report.flatten(["name", "type", "note"])
    described = json.loads(path.read_bytes())
    assert {resource["path"] for resource in described["resources"]} == {
        file.name for file in pack.path.glob("*.csv")
    }
    for resource in described["resources"]:
        assert all(field.get("description") for field in resource["schema"]["fields"]), resource
    by_name = {resource["name"]: resource["schema"] for resource in described["resources"]}
    assert by_name["take_up_quarter"]["primaryKey"] == [
        "service_id",
        "period_kind",
        "period_start",
    ]
    assert by_name["take_up_quarter"]["foreignKeys"][0]["reference"]["resource"] == "services"
    units = {field["name"]: field.get("unit") for field in by_name["take_up_quarter"]["fields"]}
    assert (units["total_count"], units["take_up_ratio"]) == ("whole number", "ratio from 0 to 1")
    assert [source["title"] for source in described["sources"]] == [
        "volumes-1.csv, published 2015-01-30",
        "volumes-0.csv, published 2015-03-01",
    ]


def test_a_description_that_is_not_true_is_found(pack: Pack, tmp_path: Path) -> None:
    from frictionless import Package

    folder = shutil.copytree(pack.path, tmp_path / "pack")
    lines = (folder / "take_up_quarter.csv").read_text(encoding="utf-8").splitlines(keepends=True)
    (folder / "take_up_quarter.csv").write_text("".join([*lines, lines[-1]]), encoding="utf-8")
    assert not Package(str(folder / "datapackage.json")).validate().valid


def test_a_pivot_adds_no_transaction_twice(pack: Pack, database: Path) -> None:
    with duckdb.connect(str(database), read_only=True) as connection:
        for kind in ("quarter", "rolling_year"):
            rows = rows_of(pack, f"take_up_{kind}")
            said = connection.execute(
                "select count(*), sum(total_count), sum(digital_count) from take_up_headline"
                f" where period_kind = '{kind}'"
            ).fetchone()
            assert said == (
                len(rows),
                sum(int(row["total_count"]) for row in rows),
                sum(int(row["digital_count"]) for row in rows),
            )
            (department,) = rows_of(pack, f"departments_{kind}")
            assert int(department["total_count"]) == said[1]


def test_what_is_missing_is_one_list_largest_first(pack: Pack) -> None:
    rows = rows_of(pack, "missing")
    assert len(rows) == len(NAMES)
    assert [int(row["assumed_count"]) for row in rows] == sorted(range(100), reverse=True)
    outstanding = [row["service_id"] for row in rows if row["is_return_outstanding"] == "true"]
    assert sorted(outstanding) == [f"service-{number:03}" for number in range(50, 100)]
    assert {row["status"] for row in rows} == {"not_returned"}
    unsaid = {
        row["service_id"]: row["commentary_needed_for"]
        for row in rows
        if row["is_commentary_missing"] == "true"
    }
    assert unsaid == {f"service-{number:03}": "missed_target" for number in range(5)}
    summary = (pack.path / "summary.html").read_text(encoding="utf-8")
    assert "Returns without the commentary that they need: 5." in summary


def test_names_that_a_spreadsheet_would_run_are_text_and_otherwise_unharmed(pack: Pack) -> None:
    for file in pack.path.glob("*.csv"):
        with file.open(newline="", encoding="utf-8") as stream:
            for row in csv.reader(stream):
                for cell in row:
                    assert is_number(cell) or neutralise(cell) == cell, (file.name, cell)
    names = {
        row["service_id"]: row["service_name"]
        for row in rows_of(pack, "services")
        if row["service_id"].startswith("service-")
    }
    assert names == {f"service-{number:03}": neutralise(name) for number, name in enumerate(NAMES)}
    table = pq.read_table(pack.path / "services.parquet", columns=["service_id", "service_name"])
    assert set(NAMES) <= set(table["service_name"].to_pylist()), "programs get them as given"


def is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True


def test_the_summary_holds_no_markup_but_its_own(pack: Pack) -> None:
    tags: set[str] = set()

    class Reader(HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            tags.add(tag)
            assert not [name for name, _ in attrs if name.startswith("on")]

    text = (pack.path / "summary.html").read_text(encoding="utf-8")
    Reader().feed(text)
    assert tags <= {"html", "head", "meta", "title", "style", "body", "main", "h1", "h2"} | {
        *("p", "ul", "li")
    }
    assert "And 95 more, in missing.csv." in text
    assert "9.88%" not in text
    assert "lies between 5.00% and 9.87%" in text


def test_a_workbook_holds_values_only(pack: Pack) -> None:
    with zipfile.ZipFile(pack.path / "take-up.xlsx") as book:
        sheets = [name for name in book.namelist() if name.startswith("xl/worksheets/sheet")]
        assert len(sheets) == len(re.findall("<sheet ", book.read("xl/workbook.xml").decode()))
        for name in sheets:
            assert b"<f>" not in book.read(name), f"{name} has a formula"
        links = [name for name in book.namelist() if "worksheets/_rels" in name]
        assert not any(b"hyperlink" in book.read(name) for name in links)
        assert {entry.date_time[0] for entry in book.infolist()} == {1980}
        tables = [name for name in book.namelist() if name.startswith("xl/tables/")]
        assert len(tables) == len(sheets), "one table a sheet"


def test_two_homes_give_the_same_bytes(pack: Pack, database: Path, tmp_path: Path) -> None:
    other = export(database, tmp_path / "elsewhere")
    one, two = (
        {file.name: file.read_bytes() for file in each.path.iterdir()} for each in (pack, other)
    )
    assert one == two


def test_settings_that_a_pack_shows_are_in_its_manifest(database: Path, tmp_path: Path) -> None:
    settings = Settings(home=tmp_path, contact="the performance team")
    pack = export_quarter(settings, quarter="2014-Q4", database=database)
    assert pack.manifest["settings"]["contact"] == "the performance team"  # type: ignore[index]
    assert "the performance team" in (pack.path / "README.md").read_text(encoding="utf-8")


def test_a_file_without_rows_is_named_with_the_reason(pack: Pack) -> None:
    assert not (pack.path / "channel_volumes_quarter.csv").exists()
    (note,) = [note for note in pack.notes if note.startswith("channel_volumes_")]
    assert "No counts by channel have come" in note
    assert note in (pack.path / "README.md").read_text(encoding="utf-8")


@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not installed")
def test_libreoffice_reads_the_csvs_figures_rounded(pack: Pack, tmp_path: Path) -> None:
    every_sheet = "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,true,false,false,false,-1"
    subprocess.run(
        [
            *("soffice", f"-env:UserInstallation=file://{tmp_path}/profile", "--headless"),
            *("--convert-to", every_sheet, "--outdir", str(tmp_path)),
            str(pack.path / "take-up.xlsx"),
        ],
        check=True,
        capture_output=True,
        timeout=180,
    )
    compared = 0
    for sheet in SHEETS:
        source = pack.path / f"{sheet.table}.csv"
        if not source.is_file():
            continue
        with (tmp_path / f"take-up-{sheet.label}.csv").open(newline="", encoding="utf-8") as file:
            lines = list(csv.reader(file))
        headings = [heading for heading, *_ in sheet.columns]
        shown = lines[lines.index(headings) + 1 :]
        whole = rows_of(pack, sheet.table)
        assert len(shown) == len(whole), sheet.label
        for cells, row in zip(shown, whole, strict=True):
            for cell, (_, column, _) in zip(cells, sheet.columns, strict=True):
                compared += assert_same(cell, row[column], column)
    assert compared > 1000


def assert_same(cell: str, value: str, column: str) -> bool:
    """Whether a cell of numbers or days was compared; texts are compared by another test."""
    if value == "":
        assert cell == NOT_THERE
    elif column.endswith(("_ratio", "_share", "_lower", "_upper")):
        assert float(cell) == float(percentage(float(value)).removesuffix("%"))
    elif column.endswith("_count") or column in ("old_value", "new_value", "line"):
        assert float(cell) == float(value)
    elif column.endswith(("_end", "_on")):
        assert cell == day(dt.date.fromisoformat(value))
    else:
        return False
    return True


@pytest.mark.skipif(shutil.which("chromium") is None, reason="Chromium is not installed")
def test_the_summary_prints_to_one_side(pack: Pack, tmp_path: Path) -> None:
    subprocess.run(
        [
            *("chromium", "--headless", "--no-sandbox", "--disable-gpu", "--no-pdf-header-footer"),
            *(f"--user-data-dir={tmp_path}/profile", f"--print-to-pdf={tmp_path}/summary.pdf"),
            f"file://{pack.path}/summary.html",
        ],
        check=True,
        capture_output=True,
        timeout=120,
    )
    printed = (tmp_path / "summary.pdf").read_bytes()
    assert re.findall(rb"/Type /Pages\s*/Count (\d+)", printed) == [b"1"]
