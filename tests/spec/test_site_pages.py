"""The pages of the site: what they say of odd services, and that whatever a name holds is text."""

from __future__ import annotations

import csv
import shutil
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import duckdb
import pytest

from core.spreadsheet import neutralise
from publish.database import WarehouseVersion
from publish.display import printable
from publish.pages.site.build import FOLDER, STATIC, draw, pages_of, write_pages
from publish.pages.site.charts import bars
from publish.pages.site.model import Chart
from publish.pages.site.source import Source, department_path, service_path
from tests.support.site_pages import KNOWN_TAGS, broken_links, read_page

VERSION = WarehouseVersion(7, "blake3:0", "test", "2017-06-06T15:27:25.000000Z", False, "sha256:0")
_HOSTILE = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "</title></table><h1>Gone</h1>",
    '=HYPERLINK("http://x")',
    "{{ 7 * 7 }}",
    "two\nlines\tand a tab",
    "مرحبا ‮gnp.exe",
    "x" * 300,
    "../../etc/passwd",
    "ﾃｽﾄ \x1b[31mred",
)
HOSTILE = (*_HOSTILE, *(f"{name} {number}" for number in range(9) for name in _HOSTILE))
"""A hundred names."""
QUARTERS = ("2015-01-01", "2015-04-01", "2015-07-01")


@pytest.fixture
def source(warehouse: duckdb.DuckDBPyConnection) -> Iterator[Source]:
    """Services of which each is named by, and known as, what no name should hold."""
    warehouse.begin()
    for number, name in enumerate(HOSTILE):
        add_service(warehouse, service_id=name, name=name, number=number)
    warehouse.execute(
        "insert into dictionary by name select 'take_up' as table_name, 1 as column_number,"
        " 'service_id' as column_name, 'VARCHAR' as data_type, 'The service.' as description,"
        " false as is_simulated"
    )
    yield Source.of(warehouse, VERSION)
    warehouse.rollback()


def add_service(
    connection: duckdb.DuckDBPyConnection, *, service_id: str, name: str, number: int
) -> None:
    """A service with three quarters: measured, without a digital count, measured."""
    connection.execute(
        "insert into services by name select ? as service_id, ? as service_name,"
        " '<b>' as department_id, '<b>Department</b>' as department_name, ? as notes,"
        " 'flow' as volume_kind, true as is_listed, false as is_exemplar, false as is_simulated",
        [service_id, name, name],
    )
    connection.execute(
        "insert into service_summary by name select ? as service_id, ? as service_name,"
        " '<b>' as department_id, '<b>Department</b>' as department_name, 'flow' as volume_kind,"
        " true as is_listed, 'quarter' as latest_period_kind, date '2015-07-01' as"
        " latest_period_start, date '2015-09-30' as latest_period_end, 90 + ? as"
        " latest_digital_count, 120 as latest_total_count, 0.75 as latest_ratio,"
        " 2 as quarters_old, false as is_simulated",
        [service_id, name, number],
    )
    for start, digital in zip(QUARTERS, (60, None, 90 + number), strict=True):
        connection.execute(
            "insert into take_up_headline by name select ? as service_id, 'quarter' as period_kind,"
            " ?::date as period_start, last_day(?::date + interval 2 month) as period_end,"
            " 'completed' as measure, ?::bigint as digital_count, 120 as total_count,"
            " ?::bigint / 120.0 as take_up_ratio, if(? is null, 'no digital count', null) as"
            " status_reason, false as is_simulated",
            [service_id, start, start, digital, digital, digital],
        )
    connection.execute(
        "insert into data_quality by name select ? as service_id, 'quarter' as period_kind,"
        " date '2015-07-01' as period_start, date '2015-09-30' as period_end, ? as what,"
        " 'far_above' as check_id, 'warn' as severity, 3.5 as service_effect_pp,"
        " false as is_simulated",
        [service_id, name],
    )


@pytest.fixture
def site(source: Source, tmp_path: Path) -> Path:
    return made(source, tmp_path)


def made(source: Source, folder: Path) -> Path:
    """The site's pages and files; charts are blank: what is drawn is another test's."""
    pages = list(pages_of(source))
    write_pages(pages, folder, source.version)
    (folder / "charts").mkdir()
    for chart in (chart for page in pages for chart in page.charts):
        (folder / chart.file_name).touch()
    for name in STATIC:
        shutil.copyfile(FOLDER / name, folder / name)
    return folder


def test_every_link_leads_somewhere(site: Path) -> None:
    assert broken_links(site) == []


def test_whatever_a_name_holds_is_text(site: Path) -> None:
    for path in site.rglob("*.html"):
        page = read_page(path)
        assert page.tags <= KNOWN_TAGS, path.name
        assert not {name for name in page.attributes if name.startswith("on")}, path.name
        assert all(not address.startswith("javascript") for address in page.addresses)
        scripts = 2 if path.name == "search.html" else 1
        assert path.read_text(encoding="utf-8").count("<script") == scripts, path.name


def test_a_page_is_named_by_an_identifier_or_a_hash_and_lies_within_the_site(site: Path) -> None:
    assert len(HOSTILE) == len(set(map(service_path, HOSTILE))) == 100
    for name in HOSTILE:
        path = (site / service_path(name)).resolve()
        assert path.is_relative_to(site.resolve())
        assert " ".join(printable(name).split()) in " ".join(read_page(path).text.split())


def test_files_to_download_hold_every_name_and_no_formula(site: Path) -> None:
    names: set[str] = set()
    for path in (site / "data").rglob("*.csv"):
        with path.open(newline="", encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
        assert rows
        names |= {row["service_id"] for row in rows if "service_id" in row}
        cells = {cell for row in rows for cell in row.values()}
        assert not {cell for cell in cells if cell.startswith(("=", "+", "@"))}, path
    assert set(map(neutralise, HOSTILE)) <= names


def test_a_chart_holds_names_as_text(tmp_path: Path) -> None:
    rows = [{"name": printable(name), "value": 7, "label": "7"} for name in HOSTILE[:10]]
    path = tmp_path / "chart.svg"
    draw([(str(path), bars(rows, title="Transactions", is_simulated=False))])
    drawn = ET.parse(path).getroot()
    tags = {element.tag.rpartition("}")[2] for element in drawn.iter()}
    assert "script" not in tags
    assert "<script>alert(1)</script>" in "".join(drawn.itertext())


def test_figures_of_a_page_are_those_of_the_table(site: Path) -> None:
    for number, name in enumerate(HOSTILE):
        rows = read_page(site / service_path(name)).rows
        assert ["July to September 2015", str(90 + number), "120"] in [row[:3] for row in rows]
        unknown = ["April to June 2015", "not known", "120", "not known", "no digital count"]
        assert unknown in rows
        with next((site / "data" / "services").glob("*/take-up.csv")).open(newline="") as file:
            assert len(list(csv.DictReader(file))) == len(QUARTERS)


def test_a_gap_is_a_gap_in_the_chart_and_in_its_words(source: Source) -> None:
    (page,) = (one for one in pages_of(source) if one.path == service_path(HOSTILE[3]))
    take_up: Chart = page.charts[0]
    assert [row["ratio"] for row in take_up.spec["data"]["values"]] == [0.5, None, 93 / 120]
    assert "1 of 3 quarters have no value: the line breaks there" in take_up.says


def test_services_of_one_name_are_bars_of_their_own(source: Source) -> None:
    for service in HOSTILE[:2] + HOSTILE[7:9]:
        source.connection.execute(
            "insert into offline_volumes by name select ? as service_id, 'rolling_year' as"
            " period_kind, date '2014-10-01' as period_start, date '2015-09-30' as period_end,"
            " 30 as offline_count, 120 as total_count, 0.25 as offline_share, 1.0 as"
            " cumulative_share, false as is_simulated",
            [service],
        )
    names = dict.fromkeys(source.service_names, "x" * 300)
    (page,) = (one for one in pages_of(replace(source, service_names=names))
               if one.path == "index.html")  # fmt: skip
    (chart,) = page.charts
    bars = [row["name"] for row in chart.spec["data"]["values"]]
    assert len(set(bars)) == len(bars) == 4
    assert "together 100.0% of the 120" in chart.says


def test_an_old_figure_says_how_old_it_is(site: Path) -> None:
    text = read_page(site / service_path(HOSTILE[0])).text
    assert "2 quarters behind the latest of any service" in text


def test_returns_are_shown_as_they_are(source: Source, tmp_path: Path) -> None:
    moved = "movement, missed_target"
    for service, came, signed, late, times, needed, said in (
        (HOSTILE[0], None, None, True, 0, None, None),
        (HOSTILE[3], "2015-07-31 23:00:00+00", None, True, 2, moved, None),
        (HOSTILE[6], "2015-07-10 09:00:00+00", "2015-07-11 09:00:00+00", False, 1, None, None),
        (HOSTILE[7], "2015-07-10 10:00:00+00", None, False, 2, "restatement", "<u>first</u>"),
    ):
        source.connection.execute(
            "insert into mi_returns by name select ? as service_id, '<b>' as department_id,"
            " 'quarter' as period_kind, date '2015-04-01' as period_start, date '2015-06-30' as"
            " period_end, date '2015-07-21' as due_on, ?::timestamptz as received_at, ? as is_late,"
            " ? as submissions_count, 0 as refused_count, ?::timestamptz as signed_off_at,"
            " if(? is null, null, '<i>head</i>') as signed_off_by_role, ? as commentary_needed_for,"
            " ? is not null as is_commentary_missing, ? as commentary, false as is_simulated",
            [service, came, late, times, signed, signed, needed, needed, said],
        )
    folder = made(source, tmp_path)

    rows = read_page(folder / department_path("<b>")).rows
    sent = {tuple(row[1:4]) for row in rows if len(row) == 7}
    assert ("21 July 2015", "outstanding and late", "") in sent
    assert ("21 July 2015", "1 August 2015, late, sent 2 times", "not signed off") in sent
    assert ("21 July 2015", "10 July 2015", "11 July 2015, <i>head</i>") in sent
    said = {row[6] for row in rows if len(row) == 7}
    assert said >= {
        "",
        "none",
        "missing, needed for movement, missed target",
        "missing, needed for restatement; of before: <u>first</u>",
    }
    own = read_page(folder / service_path(HOSTILE[3])).rows
    assert "1 August 2015, late, sent 2 times" in [row[2] for row in own if len(row) == 7]


def test_a_body_of_which_too_little_is_measured_has_no_share(
    source: Source, tmp_path: Path
) -> None:
    source.connection.execute(
        "insert into department_take_up by name"
        " select unnest(['government', 'department']) as level, '<b>' as department_id,"
        " 'current' as structure, 'rolling_year' as period_kind, date '2014-10-01' as period_start,"
        " date '2015-09-30' as period_end, 'd' as definition_id, 'all' as scope,"
        " 7 as digital_count, 10 as total_count, 0.7 as take_up_ratio, 0.1 as take_up_lower,"
        " 0.9 as take_up_upper, 1 as services_measured, 9 as services_active, 0.07 as"
        " coverage_ratio, 'too_incomplete' as coverage_status, 3 as offline_count,"
        " false as is_simulated"
    )
    folder = made(source, tmp_path)

    assert "too little measured" in read_page(folder / "departments" / "index.html").text
    for path in (department_path("<b>"), "index.html"):
        text = read_page(folder / path).text
        assert "Too little is measured in the year to 30 September 2015 to say a take-up" in text


def test_simulated_data_says_so_on_every_page_and_in_every_chart(
    source: Source, tmp_path: Path
) -> None:
    simulated = replace(source, version=replace(VERSION, is_simulated=True))
    folder = made(simulated, tmp_path)

    for path in folder.rglob("*.html"):
        assert "Simulated data." in read_page(path).text, path.name
    titles = {chart.spec["title"]["text"] for page in pages_of(simulated) for chart in page.charts}
    assert titles == {"SIMULATED DATA"}


def test_a_home_without_anything_has_pages_too(
    warehouse: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    folder = made(Source.of(warehouse, VERSION), tmp_path)

    assert "Too little is measured" in read_page(folder / "index.html").text
    assert broken_links(folder) == []
