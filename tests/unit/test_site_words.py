"""What the pages say of values: days, numbers and names as people say them."""

from __future__ import annotations

import datetime as dt

import pytest

from publish.pages.site import words


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("below since 2016-06-30", "below since 30 June 2016"),
        ("2014-10-01 to 2014-12-31: 87.21%", "October to December 2014: 87.21%"),
        ("2014-01-01 to 2014-12-31", "year to 31 December 2014"),
        ("2014-06-01 to 2014-10-31", "1 June 2014 to 31 October 2014"),
        ("of action-8-2015-01-16, line 69", "of action-8-2015-01-16, line 69"),
        ("between 2747361 and 2806139.", "between 2,747,361 and 2,806,139."),
        ("down from 2841 in the period before", "down from 2,841 in the period before"),
        ("nothing from 2014 on", "nothing from 2014 on"),
        ("a ratio of 0.123456", "a ratio of 0.123456"),
        (None, ""),
    ],
)
def test_a_sentence_says_days_and_numbers_as_people_do(text: str | None, said: str) -> None:
    assert words.sentence(text) == said


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("action-8-2015-01-16", "Action 8, 16 January 2015"),
        ("government-digital-strategy-2012-11", "Government digital strategy, November 2012"),
        ("report-outlines-ways", "Report outlines ways"),
        ("paper-2015-13-45", "paper-2015-13-45"),
    ],
)
def test_a_document_goes_by_its_title(name: str, said: str) -> None:
    assert words.document(name) == said


def test_the_day_of_a_moment_is_that_of_london() -> None:
    midnight = dt.datetime(2015, 6, 30, 23, 0, tzinfo=dt.UTC)
    assert words.date(midnight) == "1 July 2015"


def test_a_note_is_cut_where_a_publication_breaks_its_line() -> None:
    assert words.note("One.<br>Two.</br></br> <b>Three</b>") == ["One.", "Two.", "<b>Three</b>"]
    assert words.note(None) == []
