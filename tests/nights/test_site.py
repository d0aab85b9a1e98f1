"""The pages of real figures: all of them, equal to the tables that they are made of."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import duckdb
import pytest

from core.settings import Settings
from publish.display import exact_percentage, percentage
from publish.pages.site.build import CURRENT, build_site
from publish.pages.site.source import department_path, service_path
from tests.support.site_pages import broken_links, read_page

pytestmark = pytest.mark.nights

LARGEST_PAGE = 150_000


@pytest.fixture(scope="module")
def site(example_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The pages as a night makes them, after one that could not; charts are drawn once."""
    home = tmp_path_factory.mktemp("site") / "home"
    shutil.copytree(example_home, home)
    settings = Settings(home=home)
    shutil.rmtree(settings.site)
    settings.site.touch()
    pack = settings.exports / "mi-2016-Q2"
    spoilt = night(home)
    assert f"wrote {pack}\n" in spoilt
    assert f"\nMI pack         {pack}\n" in spoilt
    assert "warning: the pages could not be made" in spoilt
    assert "the next run tries again" in spoilt
    settings.site.unlink()
    assert night(home).rstrip().endswith(str(settings.site / CURRENT / "index.html"))
    assert list(settings.exports.iterdir()) == [pack], "the second night has the same records"
    again = build_site(settings)
    assert (again.charts_drawn, again.charts_count > 1000) == (0, True)
    assert len(list(settings.site.glob("v*"))) == 2
    return settings.site / CURRENT


def night(home: Path) -> str:
    """What a night prints that finds nothing new; it succeeds."""
    command = [str(Path(sys.executable).with_name("takeup")), "--home", str(home), "nightly"]
    done = subprocess.run(
        command,
        env=os.environ | {"TAKEUP_PAGES": "yes", "TAKEUP_PACK": "yes"},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_every_link_leads_somewhere(site: Path) -> None:
    assert broken_links(site) == []


def test_each_service_has_a_page_of_a_size_that_loads_at_once(
    site: Path, example_home: Path
) -> None:
    with duckdb.connect(str(example_home / "published" / "takeup.duckdb"), read_only=True) as file:
        services = [one for (one,) in file.execute("select service_id from services").fetchall()]
    sizes = {service: (site / service_path(service)).stat().st_size for service in services}
    assert max(sizes.values()) < LARGEST_PAGE
    assert len(sizes) > 800


def test_the_figures_on_the_pages_are_those_of_the_tables(site: Path, example_home: Path) -> None:
    with duckdb.connect(str(example_home / "published" / "takeup.duckdb"), read_only=True) as file:
        rows = file.execute(
            "select service_id, max(digital_count), max(total_count) from take_up_headline"
            " where period_kind = 'quarter' and period_end = date '2016-06-30'"
            " group by service_id"
        ).fetchall()
    different = []
    for service, digital, total in rows:
        shown = [
            row[1:3]
            for row in read_page(site / service_path(service)).rows
            if row[0] == "April to June 2016" and len(row) == 5
        ]
        expected = ["not known" if one is None else f"{one:,}" for one in (digital, total)]
        if shown and shown[0] != expected:
            different.append((service, shown, expected))
    assert different == []
    assert len(rows) > 500


def published(home: Path, query: str) -> list[tuple[Any, ...]]:
    """What the published file answers."""
    with duckdb.connect(str(home / "published" / "takeup.duckdb"), read_only=True) as file:
        return file.execute(query).fetchall()


BODIES = """
    select {columns} from department_take_up
    where level = '{level}' and structure = 'current' and scope = 'all'
        and definition_id = 'transactions-explorer' and period_kind = 'rolling_year'
        and take_up_ratio is not null
    qualify period_end = max(period_end) over (partition by department_id)
"""


def test_totals_on_the_first_page_are_those_of_the_tables(site: Path, example_home: Path) -> None:
    page = read_page(site / "index.html")
    columns = "digital_count, total_count, offline_count, take_up_lower, take_up_upper"
    query = BODIES.format(columns=columns, level="government")
    ((digital, total, offline, lower, upper),) = published(example_home, query)
    assert f"{digital:,.0f} of {total:,.0f} that could be measured" in page.text
    assert f"{offline:,.0f} transactions were not digital" in page.text
    assert f"between {percentage(lower)} and {percentage(upper)}" in page.text

    offline_rows = published(
        example_home,
        "select offline_count, total_count from offline_volumes where period_kind = 'rolling_year'"
        " qualify period_end = max(period_end) over () order by offline_count desc limit 10",
    )
    shown = [row[1:3] for row in page.rows]
    assert all([f"{one:,.0f}" for one in row] in shown for row in offline_rows)
    promises = published(example_home, "select count(*) from promises group by reported")
    assert {f"{count:,}" for (count,) in promises} <= {row[1] for row in page.rows if len(row) == 2}


def test_totals_of_departments_are_those_of_the_tables(site: Path, example_home: Path) -> None:
    listed = read_page(site / "departments" / "index.html").rows
    query = BODIES.format(columns="department_id, offline_count, total_count", level="department")
    departments = published(example_home, query)
    assert len(departments) > 15
    for department, offline, total in departments:
        page = read_page(site / department_path(department))
        counts = [f"{offline:,.0f}", f"{total:,.0f}"]
        assert counts in [row[4:6] for row in listed], department
        assert f"{total:,.0f}" in page.text, department
    services = "select department_id, count(*) from service_summary group by department_id"
    for department, count in published(example_home, services):
        leads = [one for one in read_page(site / department_path(department)).addresses
                 if "/services/" in one]  # fmt: skip
        assert len(set(leads) - {"../services/index.html"}) >= count, department


def test_targets_are_those_of_the_table(site: Path, example_home: Path) -> None:
    text = read_page(site / "targets.html").text
    targets = published(example_home, "select target_ratio, verdict from target_attainment")
    assert len(targets) == 3
    for ratio, verdict in targets:
        assert exact_percentage(ratio) in text
        assert verdict.replace("_", " ") in text
    measured = published(
        example_home,
        "select measured_ratio from target_attainment where period_kind = 'rolling_year'",
    )
    assert all(percentage(ratio) in text for (ratio,) in measured)
