"""Calendar arithmetic on quarters and on the longer periods that are made of them.

A quarter is named by its first day. All dates are inclusive.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

QUARTER = "quarter"
ROLLING_YEAR = "rolling_year"
FINANCIAL_YEAR = "financial_year"
PERIOD_KINDS = (QUARTER, ROLLING_YEAR, FINANCIAL_YEAR)


@dataclass(frozen=True, slots=True, order=True)
class Period:
    """A period of one kind, first and last day included."""

    kind: str
    start: date
    end: date


def shift_quarters(quarter: date, count: int) -> date:
    """The first day of the quarter that lies `count` quarters later (earlier, if negative)."""
    months = quarter.year * 12 + quarter.month - 1 + 3 * count
    return date(months // 12, months % 12 + 1, 1)


def quarter_end(quarter: date) -> date:
    """The last day of the quarter that starts on the given day."""
    return shift_quarters(quarter, 1) - timedelta(days=1)


def quarter_of(day: date) -> date:
    """The first day of the quarter that a day lies in."""
    return date(day.year, (day.month - 1) // 3 * 3 + 1, 1)


def quarters_from_to(first: date, last: date) -> list[date]:
    """Every quarter from one to another, both included."""
    found = [first]
    while found[-1] < last:
        found.append(shift_quarters(found[-1], 1))
    return found


def year_of_quarters(last: date) -> tuple[date, date, date, date]:
    """The four quarters, in order, of the twelve months that end with the quarter `last`."""
    return (shift_quarters(last, -3), shift_quarters(last, -2), shift_quarters(last, -1), last)


def periods_ending_with(last: date) -> list[Period]:
    """The longer periods that end with a quarter: always a rolling year, and the financial year
    (April to March) where the quarter is January to March."""
    start, end = shift_quarters(last, -3), quarter_end(last)
    periods = [Period(ROLLING_YEAR, start, end)]
    if last.month == 1:
        periods.append(Period(FINANCIAL_YEAR, start, end))
    return periods


def previous_period_start(period: Period) -> date:
    """Rule of channel shift: the period before is one quarter earlier for quarters and rolling
    years, one year earlier for financial years."""
    return shift_quarters(period.start, -4 if period.kind == FINANCIAL_YEAR else -1)


def year_before_start(period: Period) -> date:
    """The start of the same period a year before."""
    return shift_quarters(period.start, -4)
