from __future__ import annotations

import datetime as dt

import pytest

from publish.display import day, percentage, percentage_points, period, printable


@pytest.mark.parametrize(
    ("ratio", "shown"),
    [
        (0.8889, "88.9%"),
        (0.9, "90.0%"),
        (1.0, "100.0%"),
        (0.0, "0.00%"),
        (0.05, "5.00%"),
        (0.0886, "8.86%"),
        (0.099949, "9.99%"),
        (0.09996, "10.0%"),
        (0.1, "10.0%"),
        (0.8885, "88.9%"),  # halves go up in decimal, whatever the binary float is
        (0.00005, "0.01%"),
    ],
)
def test_one_decimal_and_two_under_ten_per_cent(ratio: float, shown: str) -> None:
    assert percentage(ratio) == shown


@pytest.mark.parametrize(
    ("difference", "shown"),
    [
        (3.94, "+3.94 pp"),
        (-0.42, "-0.42 pp"),
        (12.34, "+12.3 pp"),
        (0.0, "0.00 pp"),
        (-0.001, "-<0.01 pp"),
        (0.0049, "+<0.01 pp"),
    ],
)
def test_a_gap_carries_its_sign_and_never_rounds_to_nothing(difference: float, shown: str) -> None:
    assert percentage_points(difference) == shown


def test_periods_in_words() -> None:
    start, end = dt.date(2014, 4, 1), dt.date(2015, 3, 31)
    assert period("rolling_year", start, end) == "year to 31 March 2015"
    assert period("financial_year", start, end) == "financial year 2014-15"
    assert period("quarter", dt.date(2014, 10, 1), dt.date(2014, 12, 31)) == (
        "October to December 2014"
    )
    assert period("month", start, dt.date(2014, 4, 30)) == "April 2014"
    assert period("week", start, dt.date(2014, 4, 7)) == "1 April 2014 to 7 April 2014"
    assert day(end) == "31 March 2015"


def test_text_can_not_steer_the_terminal() -> None:
    assert printable("a\x1b[31mred\x9b1m\r\nb\u202egnp") == "a [31mred 1m b gnp"
