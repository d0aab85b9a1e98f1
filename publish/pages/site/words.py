"""Values as the pages say them. A value that is missing is said to be missing."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any, Final

from core.periods import REPORTING_ZONE
from publish.display import (
    day,
    exact_percentage,
    month_and_year,
    percentage,
    percentage_points,
    period,
    printable,
)
from publish.pages.site.model import Row
from publish.standings import Target

NOT_KNOWN = "not known"

_DAY: Final = r"(\d{4}-\d\d-\d\d)(?![\w-])"
_SPAN: Final = re.compile(rf"(?<![\w-]){_DAY} to {_DAY}")
_LONE_DAY: Final = re.compile(rf"(?<![\w-]){_DAY}")
_LARGE: Final = re.compile(r"(?<![\w.,-])\d{5,}(?![\w-])|(?<=from )\d{4}(?= in the period)")
_LINE_BREAK: Final = re.compile(r"\s*(?:</?br ?/?>\s*)+", re.IGNORECASE)
_DATED: Final = re.compile(r"(.+?)-(\d{4})-(\d\d)(?:-(\d\d))?")


def count(value: float | None) -> str:
    """A whole number with its thousands apart: `52,055`."""
    return NOT_KNOWN if value is None else f"{value:,.0f}"


def share(ratio: float | None) -> str:
    """A ratio as a percentage: `93.8%`."""
    return NOT_KNOWN if ratio is None else percentage(ratio)


def points(difference: float | None) -> str:
    """A difference in percentage points with its sign, `+3.9 points`; empty where there is none."""
    return "" if difference is None else percentage_points(difference).replace("pp", "points")


def money(pounds: float | None) -> str:
    """Pounds and pence: `£4.57`."""
    return NOT_KNOWN if pounds is None else f"£{pounds:,.2f}"


def goal(target: Target) -> str:
    """What a target is: `80% by 30 September 2013`."""
    by = f" by {day(target.due_on)}" if target.due_on else ", no day stated"
    return f"{exact_percentage(target.target_ratio)}{by}"


def date(value: dt.date | dt.datetime | None) -> str:
    """A day: `30 June 2016`, of a moment the day in London; empty where there is none."""
    if isinstance(value, dt.datetime):
        value = value.astimezone(REPORTING_ZONE)
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
    if unit == "ratio":
        return percentage(value)
    if unit == "GBP":
        return f"£{value:,.10g}"
    months = "" if unit != "month" else " month" if value == 1 else " months"
    return f"{value:,.10g}{months}"


def said(text: Any) -> str:
    """Text from a source, without characters that steer a screen; empty where there is none."""
    return "" if text is None else printable(str(text))


def note(text: str | None) -> list[str]:
    """A source's note by its paragraphs: publications write `<br>` for a new line."""
    parts = map(said, _LINE_BREAK.sub("\n", text or "").split("\n"))
    return [part for part in parts if part.strip()]


def sentence(text: str | None) -> str:
    """A sentence of ours with its days, quarters and large numbers as people say them."""
    spans = _SPAN.sub(lambda found: _span(*map(dt.date.fromisoformat, found.groups())), said(text))
    days = _LONE_DAY.sub(lambda found: day(dt.date.fromisoformat(found[1])), spans)
    return _LARGE.sub(lambda found: f"{int(found[0]):,}", days)


def _span(start: dt.date, end: dt.date) -> str:
    """From a day to a day: as a quarter or a year where it is one."""
    months = (end.year - start.year) * 12 + end.month - start.month + 1
    is_whole = start.day == 1 and (end + dt.timedelta(1)).day == 1
    kinds = {3: "quarter", 12: "rolling_year", 1: "month"}
    return period(kinds.get(months, "days") if is_whole else "days", start, end)


def document(name: str) -> str:
    """A report by its name in the log: `action-8-2015-01-16` is `Action 8, 16 January 2015`."""
    dated = _DATED.fullmatch(name)
    title = said(dated[1] if dated else name).replace("-", " ")
    title = capital(title)
    if not dated:
        return title
    year, month, in_month = dated.groups()[1:]
    try:
        stated = dt.date(int(year), int(month), int(in_month or 1))
    except ValueError:
        return said(name)
    return f"{title}, {day(stated) if in_month else month_and_year(stated)}"


def capital(text: str) -> str:
    """Text that begins a line."""
    return text[:1].upper() + text[1:]
