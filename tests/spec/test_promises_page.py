"""docs/promises.md is what the file published from the vintages and reports says."""

from __future__ import annotations

from pathlib import Path

import duckdb

from publish.pages import promises as promises_page


def test_page_is_current(published_vintages: Path) -> None:
    assert promises_page.PAGE.path.read_text(encoding="utf-8") == promises_page.page(
        published_vintages
    )


def test_promises_of_now_are_those_of_the_files_moment(
    published: duckdb.DuckDBPyConnection,
) -> None:
    (moment,) = published.execute("select run_at from warehouse_version").fetchall()[0]
    ((now, then),) = published.execute(
        "select (select count(*) from (from promises except from promises_as_of($1))),"
        " (select count(*) from (from promises_as_of($1) except from promises))",
        [moment],
    ).fetchall()

    assert (now, then) == (0, 0)
    assert published.execute("select count(*) > 240 from promises").fetchall() == [(True,)]
