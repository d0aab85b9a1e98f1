"""Figures as people read them. Stored values stay whole; only what is shown is rounded."""

from __future__ import annotations

import datetime as dt
import re
from decimal import ROUND_HALF_UP, Decimal

from core.periods import REPORTING_ZONE

_MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)

# C0 and C1 controls: in a terminal they move the cursor or change colours.
_CONTROLS = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]+")


def percentage(ratio: float) -> str:
    """A ratio as a percentage, `88.9%`: one decimal, two under 10% (DEFINITIONS, rounding)."""
    return f"{_one_or_two_decimals(Decimal(repr(ratio)) * 100)}%"


def exact_percentage(ratio: float) -> str:
    """A ratio that somebody set, as it was set: `80%`, `82.5%`."""
    return f"{(Decimal(repr(ratio)) * 100).normalize():f}%"


def percentage_points(difference: float) -> str:
    """A difference in percentage points with its sign, `+3.9 pp`, `-0.42 pp`.

    Decimals as for percentages. A difference that would round to nothing says so: shown as
    0.00 it would read as a target met to the digit.
    """
    exact = Decimal(repr(difference))
    sign = "-" if exact < 0 else "+" if exact > 0 else ""
    shown = _one_or_two_decimals(abs(exact))
    if exact != 0 and Decimal(shown) == 0:
        return f"{sign}<0.01 pp"
    return f"{sign}{shown} pp"


def _one_or_two_decimals(value: Decimal) -> str:
    # Decided by what will be shown: 9.996 is 10.0, not 10.00.
    two = value.quantize(Decimal("0.01"), ROUND_HALF_UP)
    return str(two if abs(two) < 10 else value.quantize(Decimal("0.1"), ROUND_HALF_UP))


def counted(count: int, thing: str) -> str:
    """`1 file`, `1,200 files`."""
    return f"{count:,} {thing}" if count == 1 else f"{count:,} {thing}s"


def day(date: dt.date) -> str:
    """`30 June 2016`, whatever the machine's language is."""
    return f"{date.day} {_MONTHS[date.month - 1]} {date.year}"


def moment(iso: str) -> str:
    """`30 June 2016 at 09:30`, in London, of a moment in ISO 8601."""
    there = dt.datetime.fromisoformat(iso).astimezone(REPORTING_ZONE)
    return f"{day(there.date())} at {there:%H:%M}"


def month_and_year(date: dt.date) -> str:
    """`September 2015`."""
    return f"{_MONTHS[date.month - 1]} {date.year}"


def period(kind: str, start: dt.date, end: dt.date) -> str:
    """A period in words: `year to 31 December 2015`, `financial year 2014-15`,
    `October to December 2014`, `June 2015`; dates of both ends for any other kind."""
    if kind == "rolling_year":
        return f"year to {day(end)}"
    if kind == "financial_year":
        return f"financial year {start.year}-{end.year % 100:02d}"
    if kind == "quarter":
        return f"{_MONTHS[start.month - 1]} to {_MONTHS[end.month - 1]} {end.year}"
    if kind == "month":
        return f"{_MONTHS[start.month - 1]} {start.year}"
    return f"{day(start)} to {day(end)}"


def printable(text: str) -> str:
    """`text` on one line, without characters that would steer a terminal or turn the reading
    direction."""
    return _CONTROLS.sub(" ", text)
