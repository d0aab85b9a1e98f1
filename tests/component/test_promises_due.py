"""The end of a run: what a published file says of the promises that are due."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import duckdb

from publish.database import reading
from publish.promises import Promises, promises_of
from tests.support.promised import Promise, promise, promises_in
from tests.support.warehouse import build_staging, make_settings

RUN_ON = "2017-07-01"
"""The day of the file's moment, 02:00 UTC, as in London."""


def found(tmp_path: Path, *told: Promise) -> Promises:
    staging = build_staging(make_settings(tmp_path / "home"))
    with duckdb.connect(str(staging)) as connection:
        promises_in(connection, *told)
        connection.execute(
            """
            create or replace table report_claims as
            select * exclude (value), 'exact' as qualifier, value, 'count' as unit
            from published_figures;
            alter table figure_reconciliation add column measured_value double
            """
        )
    with reading(staging) as connection:
        return promises_of(connection)


def test_what_is_due_by_the_day_of_the_file_is_counted_by_word(tmp_path: Path) -> None:
    promises = found(
        tmp_path,
        promise("a", "kept", due_on=RUN_ON),
        promise("b", "open", due_on="2017-07-02"),
        promise("c", "open", due_on=None),
        promise("d", "no_test"),
        promise("e", "not_reported"),
        promise("f", "not_reported"),
    )

    assert promises.promises_count == 6
    assert promises.due_by == dt.date(2017, 7, 1)
    assert promises.due_counts == {"kept": 1, "no_test": 1, "not_reported": 2}
    assert not promises.is_from_digest


def test_the_three_longest_overdue_are_named(tmp_path: Path) -> None:
    promises = found(
        tmp_path,
        promise("a", "not_kept", due_on="2014-06-30"),
        promise("b", "not_reported", due_on="2014-03-31", department_id=None, body="Councils"),
        promise("c", "not_reported", due_on="2014-12-31"),
        promise("d", "not_reported", due_on="2014-09-30", is_reviewed=False, promise="A sentence."),
        promise("e", "no_test", due_on="2013-12-31"),
        promise("f", "kept_late", due_on="2013-12-31"),
        promise("g", "open", due_on="2013-12-31"),
        promise("h", "not_reported", due_on=None),
    )

    assert [(one.who, one.promise, str(one.due_on), one.reported) for one in promises.overdue] == [
        ("Councils", "Does b.", "2014-03-31", "not_reported"),
        ("co", "Does a.", "2014-06-30", "not_kept"),
        ("co", "not in our words yet: co:plan-2014, line 7", "2014-09-30", "not_reported"),
    ]


def test_one_from_a_digest_marks_them_all(tmp_path: Path) -> None:
    promises = found(tmp_path, promise("a", "kept"), promise("b", "kept", is_from_digest=True))

    assert promises.is_from_digest


def test_reports_without_a_promise_have_nothing_due(tmp_path: Path) -> None:
    promises = found(tmp_path)

    assert (promises.promises_count, dict(promises.due_counts), promises.overdue) == (0, {}, ())
    assert promises.claims_count == 1
