"""The pages of real figures: all of them, equal to the tables that they are made of."""

from __future__ import annotations

import os
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
    settings = Settings(home=tmp_path_factory.mktemp("site"))
    settings.published.mkdir(parents=True)
    os.link(example_home / "published" / "takeup.duckdb", settings.published_file)
    first = build_site(settings)
    again = build_site(settings)
    assert first.charts_drawn == first.charts_count > 1000
    assert again.charts_drawn == 0
    assert again.pages_count == first.pages_count
    assert sorted(path.name for path in settings.site.glob("v*")) == ["v2", "v2-again"]
    return settings.site / CURRENT


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
