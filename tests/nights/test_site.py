"""The pages of real figures: all of them, equal to the tables that they are made of."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from core.settings import Settings
from publish.pages.site.build import CURRENT, build_site
from publish.pages.site.source import service_path
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
    spoilt = night(home)
    assert "warning: the pages could not be made" in spoilt
    assert "the next run tries again" in spoilt
    settings.site.unlink()
    assert night(home).rstrip().endswith(str(settings.site / CURRENT / "index.html"))
    again = build_site(settings)
    assert (again.charts_drawn, again.charts_count > 1000) == (0, True)
    assert len(list(settings.site.glob("v*"))) == 2
    return settings.site / CURRENT


def night(home: Path) -> str:
    """What a night prints that finds nothing new; it succeeds."""
    command = [str(Path(sys.executable).with_name("takeup")), "--home", str(home), "nightly"]
    done = subprocess.run(
        command,
        env=os.environ | {"TAKEUP_PAGES": "yes"},
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
