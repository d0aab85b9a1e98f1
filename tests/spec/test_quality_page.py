"""docs/data-quality-2012-2016.md is what the file published from the vintages says."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from core.errors import UsageError
from publish.pages import quality as quality_page


def test_page_is_current(published_vintages: Path) -> None:
    assert quality_page.PAGE.path.read_text(encoding="utf-8") == quality_page.page(
        published_vintages
    )


def test_every_check_of_the_table_is_explained(published: duckdb.DuckDBPyConnection) -> None:
    found = published.sql("select distinct check_id from data_quality").fetchall()

    assert {check for (check,) in found} <= quality_page.MEANINGS.keys()


def test_a_home_that_published_nothing_is_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no published file"):
        quality_page.page(tmp_path / "published" / "takeup.duckdb")
