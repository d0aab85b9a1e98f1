"""A night on three versions of a paper, of which the last lacks much, and a digest of another."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

import duckdb
import pytest

from core.settings import PROJECT_ROOT, Settings
from takeup import nightly
from tests.support.action_papers import Entries, paper

pytestmark = pytest.mark.deep

DWP = "Department for Work and Pensions"
TAKE_UP = "Take-up of Carer's Allowance new claims was {}% in 2014. Posters are in 400 jobcentres."
ENTRIES: Entries = {
    (DWP, "commitment", 2012): "Staff in jobcentres will show people what can be done online.",
    (DWP, "progress", 2014): TAKE_UP.format(56),
    (DWP, "plan", 2015): "A film will be shown in jobcentres.",
    (DWP, "progress", 2015): "The film was shown in 300 jobcentres.",
}
OLDER: Entries = {**dict(list(ENTRIES.items())[:3]), (DWP, "progress", 2014): TAKE_UP.format(54)}
FIRST: Entries = {(DWP, "commitment", 2012): "DWP will open 5 more libraries by March 2014."}
SHORT: Entries = {(DWP, "progress", 2016): "The film was shown in libraries."}


@pytest.mark.nights
def test_a_report_is_shown_by_its_newest_version_that_is_whole(tmp_path: Path) -> None:
    settings = Settings.load(tmp_path / "home")
    landing = tmp_path / "landing"
    landing.mkdir()
    digest = PROJECT_ROOT / "seeds" / "reports" / "action-15-2015-01-16.yml"
    shutil.copy(digest, landing)
    (landing / "newer.txt").write_bytes(paper(ENTRIES, updated_on=date(2016, 1, 15)))
    (landing / "older.txt").write_bytes(paper(OLDER, updated_on=date(2015, 1, 16)))
    (landing / "short.txt").write_bytes(paper(SHORT, updated_on=date(2017, 1, 20)))
    # A first edition has commitments only, and a month is as good as its last day.
    (landing / "first.txt").write_bytes(paper(FIRST, updated_on=date(2013, 12, 20), action=4))
    as_of_a_month = paper(ENTRIES, updated_on=date(2016, 1, 31)).replace(
        b"Updated 31 January", b"January"
    )
    (landing / "month.txt").write_bytes(as_of_a_month.replace(b"was 56%", b"was 57%"))
    (landing / "day.txt").write_bytes(paper(ENTRIES, updated_on=date(2016, 1, 31)))
    dict(nightly.run_all(settings, landing=landing))

    with duckdb.connect(str(settings.published_file), read_only=True) as connection:
        rows = connection.execute(
            "select reported_year, document, status from commitments"
            " where report = 'action-8' order by all"
        ).fetchall()
        then = connection.execute(
            "select distinct document, value"
            " from published_figures_as_of(timestamptz '2015-06-01 00:00:00+00')"
            " where action = 8 and unit = 'ratio'"
        ).fetchall()
        verdicts = connection.execute(
            "select count(*) from figure_reconciliation_as_of(timestamptz '2015-06-01 00:00:00+00')"
        ).fetchall()
        revised = connection.execute(
            "select old_value, new_value, input, new_line from revisions order by new_known_at"
        ).fetchall()
        versions = connection.execute(
            "select document, version_status from publications order by document"
        ).fetchall()
        held = connection.execute("select check_id, input from data_quality").fetchall()
    assert rows == [(2014, "action-8-2016-01-31", "done"), (2015, "action-8-2016-01-31", "done")]
    assert then == [("action-8-2015-01-16", 0.54)]
    assert verdicts == [(15,)]
    assert revised == [
        (0.54, 0.56, "newer.txt", 8),
        (0.56, 0.57, "month.txt", 8),
        (0.57, 0.56, "day.txt", 8),
    ]
    assert versions == [
        ("action-15-2015-01-16", "taken"),
        ("action-4-2013-12-20", "taken"),
        ("action-8-2015-01-16", "taken"),
        ("action-8-2016-01", "taken"),
        ("action-8-2016-01-15", "taken"),
        ("action-8-2016-01-31", "taken"),
        ("action-8-2017-01-20", "held"),
    ]
    assert held == [("report_reads_worse", "short.txt")]
