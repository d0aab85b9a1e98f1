from __future__ import annotations

import datetime as dt

import pytest

from core.errors import UsageError
from core.periods import (
    Quarter,
    moment_for_file_name,
    moment_text,
    parse_moment,
    parse_period,
)

D = dt.date


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("2014-Q1", D(2014, 1, 1), D(2014, 3, 31)),
        ("2014-Q2", D(2014, 4, 1), D(2014, 6, 30)),
        ("2014-Q3", D(2014, 7, 1), D(2014, 9, 30)),
        (" 2014-q4 ", D(2014, 10, 1), D(2014, 12, 31)),
    ],
)
def test_a_quarter_is_of_the_calendar_year(text: str, start: dt.date, end: dt.date) -> None:
    quarter = Quarter.parse(text)
    assert (quarter.start, quarter.end) == (start, end)


@pytest.mark.parametrize(
    "text", ["2014-Q5", "2014Q4", "Q4-2014", "", "2014-Q4; drop", "14-Q1", "٢٠١٤-Q1"]
)
def test_a_bad_quarter_is_a_usage_error_with_an_example(text: str) -> None:
    with pytest.raises(UsageError, match="write it like 2014-Q4"):
        Quarter.parse(text)


def test_quarters_count_through_the_years() -> None:
    assert Quarter(2014, 1).after(-1) == Quarter(2013, 4)
    assert Quarter(2013, 4).after(1) == Quarter(2014, 1)
    assert Quarter(2013, 4) < Quarter(2014, 1)
    assert Quarter.at(Quarter(2014, 3).index) == Quarter(2014, 3)


@pytest.mark.parametrize(
    ("day", "quarter"),
    [
        (D(2014, 1, 1), Quarter(2014, 1)),
        (D(2014, 3, 31), Quarter(2014, 1)),
        (D(2014, 12, 31), Quarter(2014, 4)),
    ],
)
def test_a_day_is_in_the_quarter_that_holds_it(day: dt.date, quarter: Quarter) -> None:
    assert Quarter.holding(day) == quarter


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("2015-Q1", D(2015, 1, 1), D(2015, 3, 31)),
        ("2015-02", D(2015, 2, 1), D(2015, 2, 28)),
        (" 2015-12 ", D(2015, 12, 1), D(2015, 12, 31)),
    ],
)
def test_a_period_is_a_quarter_or_a_month(text: str, start: dt.date, end: dt.date) -> None:
    assert parse_period(text) == (start, end)


@pytest.mark.parametrize("text", ["2015", "2015-13", "2015-1", "2015-Q5", "2015-01-01", ""])
def test_anything_else_is_not_a_period(text: str) -> None:
    with pytest.raises(UsageError, match="neither a quarter, such as 2015-Q1, nor a month"):
        parse_period(text)


def test_periods_end_with_the_quarter_and_the_financial_year_only_in_march() -> None:
    assert Quarter.parse("2014-Q4").periods() == (
        ("quarter", D(2014, 10, 1), D(2014, 12, 31)),
        ("rolling_year", D(2014, 1, 1), D(2014, 12, 31)),
    )
    assert Quarter.parse("2015-Q1").periods() == (
        ("quarter", D(2015, 1, 1), D(2015, 3, 31)),
        ("rolling_year", D(2014, 4, 1), D(2015, 3, 31)),
        ("financial_year", D(2014, 4, 1), D(2015, 3, 31)),
    )
    assert Quarter.parse("2015-Q2").periods()[1] == (
        "rolling_year",
        D(2014, 7, 1),
        D(2015, 6, 30),
    )


def test_a_bare_date_is_midnight_in_london() -> None:
    assert moment_text(parse_moment("2017-01-01")) == "2017-01-01T00:00:00.000000Z"
    assert moment_text(parse_moment("2017-06-06")) == "2017-06-05T23:00:00.000000Z"
    assert moment_text(parse_moment("2017-06-06T12:00+02:00")) == "2017-06-06T10:00:00.000000Z"


@pytest.mark.parametrize("text", ["2017-06-06T12:00", "yesterday", "", "2017-13-01", "20170606"])
def test_a_moment_without_zone_or_sense_is_a_usage_error(text: str) -> None:
    with pytest.raises(UsageError, match="write it like 2017-01-01"):
        parse_moment(text)


def test_a_moment_in_a_file_name_is_short_but_whole() -> None:
    assert moment_for_file_name(parse_moment("2017-01-01")) == "20170101T000000Z"
    exact = parse_moment("2017-01-01T00:00:00.000001Z")
    assert moment_for_file_name(exact) == "20170101T000000.000001Z"
    with pytest.raises(UsageError, match="time zone"):
        moment_text(dt.datetime(2017, 1, 1))  # noqa: DTZ001
