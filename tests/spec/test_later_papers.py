"""The action papers through two more years: one row per promise, and what is said of it when."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from ingest.sources.reports import read_document
from tests.support.html_copies import html_copy
from tests.support.later_papers import COURSES, THINGS, versions, without_a_body
from tests.support.told_reports import Told, registers

pytestmark = [pytest.mark.nights, pytest.mark.deep]

BEFORE, AT_FIRST, AT_SECOND, NOW = "2015-01-15", "2015-06-01", "2016-06-01", "2029-01-01"
MOMENTS = (BEFORE, AT_FIRST, AT_SECOND, NOW)

Said = dict[str, dict[str, str]]
"""Words by promise, by the moment asked."""

CHANGED_BY_IT = {
    "action-8:defra:plan-2015:1": "not_reported",
    "action-8:dh:plan-2015:1": "not_reported",
    "action-8:dh:progress-2013:6.2": "kept_undated",
    "action-8:fco:plan-2015:4": "not_reported",
    "action-8:home-office:commitment-2012:1": "unclear",
    "action-8:home-office:plan-2015:2": "kept_late",
    "action-8:mod:plan-2015:1": "unclear",
    "action-9:co:commitment-2012:1": "kept_undated",
    "action-9:defra:plan-2015:1": "not_reported",
    "action-9:fco:plan-2015:4": "not_reported",
    "action-9:hmrc:plan-2015:1": "not_reported",
    "action-9:mod:plan-2015:1": "not_reported",
    "action-15:bis:plan-2015:2": "not_reported",
    "action-15:co:plan-2015:1": "not_reported",
    "action-15:dh:plan-2015:1": "unclear",
    "action-15:dh:plan-2015:3": "unclear",
    "action-15:hmrc:plan-2015:1": "unclear",
    "action-15:hmrc:plan-2015:1.2": "unclear",
}
"""Promises that were open or not kept as yet, as a reader of these entries would judge them, or
left to one."""


def land(told: Told, *papers: bytes, first: int = 1) -> Told:
    """Papers that land one night after the other."""
    for night, content in enumerate(papers, start=first):
        recorded_at = f"2027-01-{night:02} 02:00:00+00"
        told.land(content, recorded_at=recorded_at, commit=night, name=f"{night}.txt")
    told.tell()
    return told


@pytest.fixture(scope="module")
def all_landed(warehouse: duckdb.DuckDBPyConnection, empty_build: Path) -> Told:
    """All nine papers; the newest of each landed first."""
    papers = [content for action in THINGS for content in reversed(versions(action))]
    return land(Told(warehouse, empty_build), *papers)


@pytest.fixture
def told(all_landed: Told) -> Iterator[Told]:
    """The same for a test that lands or decides more."""
    all_landed.connection.begin()
    yield all_landed
    all_landed.connection.rollback()


def words(told: Told, moment: str) -> dict[str, str]:
    """What is reported of each promise, of which each has one row, by where it first stood."""
    rows = told.ask(
        f"select promise_id, reported from promises_as_of(timestamptz '{moment} 00:00:00+00')"
    )
    assert len({promise_id for promise_id, _ in rows}) == len(rows)
    places = told.places(moment)
    return {places[promise_id]: said for promise_id, said in rows}


def ids(told: Told, table: str, column: str, moment: str) -> list[str]:
    query = f"select {column} from {table}_as_of(timestamptz '{moment} 00:00:00+00') order by all"
    return [name for (name,) in told.ask(query)]


@pytest.fixture(scope="module")
def said(all_landed: Told) -> Said:
    """What is reported of each promise at each moment."""
    return {moment: words(all_landed, moment) for moment in MOMENTS}


def test_a_promise_has_one_row_in_whatever_version_it_stands(
    said: Said,
) -> None:
    before, first, second, now = (said[moment].keys() for moment in MOMENTS)
    assert not before
    assert first < second < now
    added = [promise_id for promise_id in now if "plan-2016" in promise_id]
    assert len(added) == len(THINGS) * len(COURSES)
    assert set(added) == second - first


@pytest.mark.parametrize("action", THINGS)
def test_each_paper_reaches_every_word_from_one_version_to_the_next(
    said: Said, action: int
) -> None:
    expected = {f"action-{action}:{b}:plan-2016:1": c.word for b, c in COURSES.items()}
    assert set(expected.values()) == {
        *("open", "kept", "kept_late", "kept_undated", "partly", "not_reported", "not_kept"),
        *("replaced", "not_applicable", "no_test", "unclear"),
    }
    then, now = said[AT_SECOND], said[NOW]
    assert {promise_id: now[promise_id] for promise_id in expected} == expected
    timeless = ("no_test", "not_applicable")
    assert {promise_id: then[promise_id] for promise_id in expected} == {
        promise_id: word if word in timeless else "open" for promise_id, word in expected.items()
    }
    assert now[f"action-{action}:dft:plan-2017:1"] == "open"


def test_what_was_promised_before_is_answered_by_the_later_version(
    said: Said,
) -> None:
    first, second, now = (said[moment] for moment in MOMENTS[1:])
    changed = {name: second[name] for name, word in first.items() if second[name] != word}
    assert changed == CHANGED_BY_IT
    assert {first[name] for name in changed} == {"open", "partly"}
    assert {name: now[name] for name in first} == {name: second[name] for name in first}


def test_a_figure_that_reaches_the_promised_one_says_that_it_is_done(all_landed: Told) -> None:
    query = (
        "select reported_value, promised_value, progress, split_part(evidence, ' ', 1)"
        " from promises_as_of(timestamptz '{} 00:00:00+00')"
        " where promise_id = 'action-8:dh:progress-2013:6.2'"
    )
    of_2014 = (36000.0, 50000.0, "under_way", "action-15-2015-01-16")
    assert all_landed.ask(query.format(AT_FIRST)) == [of_2014]
    of_2015 = (52000.0, 50000.0, "done")
    assert all_landed.ask(query.format(AT_SECOND)) == [(*of_2015, "action-15-2016-01-15")]
    assert all_landed.ask(query.format(NOW)) == [(*of_2015, "action-15-2017-01-20")]


def test_commitments_grow_by_a_year_and_stand_in_the_newest_version(all_landed: Told) -> None:
    found = [Counter(ids(all_landed, "commitments", "document", moment)) for moment in MOMENTS]
    bodies = len(COURSES) + 4
    assert found == [
        Counter(),
        *(
            Counter(
                {
                    f"action-{action}-{day}": bodies * (years + (0 if action == 15 else 1))
                    for action in THINGS
                }
            )
            for years, day in ((2, "2015-01-16"), (3, "2016-01-15"), (4, "2017-01-20"))
        ),
    ]


def test_claims_are_those_of_the_first_version_and_what_a_later_one_adds(all_landed: Told) -> None:
    before, first, second, now = (
        ids(all_landed, "published_figures", "figure_id", moment) for moment in MOMENTS
    )
    assert before == []
    assert set(second) - set(first) == {
        "action-15-2016-01-15:dh:progress-2015:people:people_trained:1",
        "action-15-2016-01-15:hmrc:progress-2015:new-charities:applies_to_all:1",
    }
    assert set(first) < set(second)
    assert len(first) > 70
    assert now == second
    assert ids(all_landed, "data_quality", "check_id", NOW) == []


def test_a_version_as_a_page_says_what_it_says_as_text(told: Told, said: Said) -> None:
    second = versions(8)[1]
    page = html_copy(second.decode(), read_document(second, registers=registers())).encode()
    land(told, page, first=21)
    told.connection.execute(
        "delete from internal.stg_events__statement_published"
        " where document = 'action-8-2016-01-15' and content_hash <> '21.txt'"
    )
    told.tell()
    assert words(told, AT_SECOND) == said[AT_SECOND]


def test_a_version_that_lost_a_body_answers_nothing_until_the_register_takes_it(
    told: Told, said: Said
) -> None:
    before = said[NOW]
    cut = without_a_body(9, "Department of Health", "Foreign and Commonwealth Office")
    land(told, cut, first=21)
    assert words(told, NOW) == before
    assert ids(told, "data_quality", "check_id", NOW) == ["report_reads_worse"]

    told.connection.execute(
        "insert into as_of.version_decisions (document, decision)"
        " values ('action-9-2018-01-19', 'taken')"
    )
    answered = {
        "action-9:dft:plan-2016:1": "kept_late",
        "action-9:dft:plan-2017:1": "kept",
    }
    assert words(told, NOW) == before | answered
