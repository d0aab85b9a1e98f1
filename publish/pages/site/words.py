"""Values as the pages say them. A value that is missing is said to be missing."""

from __future__ import annotations

import datetime as dt
from typing import Any

from publish.display import day, exact_percentage, percentage, percentage_points, period, printable
from publish.pages.site.model import Row
from publish.standings import Target

NOT_KNOWN = "not known"


def count(value: float | None) -> str:
    """A whole number with its thousands apart: `52,055`."""
    return NOT_KNOWN if value is None else f"{value:,.0f}"


def share(ratio: float | None) -> str:
    """A ratio as a percentage: `93.8%`."""
    return NOT_KNOWN if ratio is None else percentage(ratio)


def points(difference: float | None) -> str:
    """A difference in percentage points with its sign; empty where there is none."""
    return "" if difference is None else percentage_points(difference)


def money(pounds: float | None) -> str:
    """Pounds and pence: `£4.57`."""
    return NOT_KNOWN if pounds is None else f"£{pounds:,.2f}"


def goal(target: Target) -> str:
    """What a target is: `80% by 30 September 2013`."""
    by = f" by {day(target.due_on)}" if target.due_on else ", no day stated"
    return f"{exact_percentage(target.target_ratio)}{by}"


def date(value: dt.date | dt.datetime | None) -> str:
    """A day: `30 June 2016`; empty where there is none."""
    return "" if value is None else day(value)


def words(code: str | None) -> str:
    """A code of ours as words: `not_reported` is `not reported`; empty where there is none."""
    return "" if code is None else code.replace("_", " ")


def period_of(row: Row, prefix: str = "") -> str:
    """The period of a row: `January to March 2015`."""
    kind = row.get(f"{prefix}period_kind") or "quarter"
    return period(kind, row[f"{prefix}period_start"], row[f"{prefix}period_end"])


def take_up(row: Row) -> str:
    """A row's take-up, else the bounds between which it lies, else why there is none."""
    if row["take_up_ratio"] is not None:
        return percentage(row["take_up_ratio"])
    lower, upper = row["take_up_lower"], row["take_up_upper"]
    if lower is not None and upper is not None and upper - lower < 1:
        return f"{percentage(lower)} to {percentage(upper)}"
    return NOT_KNOWN


def figure(value: float | None, unit: str | None) -> str:
    """A figure of a report in its unit."""
    if value is None:
        return ""
    return percentage(value) if unit == "ratio" else f"{value:,.10g}"


def said(text: Any) -> str:
    """Text from a source, without characters that steer a screen; empty where there is none."""
    return "" if text is None else printable(str(text))
