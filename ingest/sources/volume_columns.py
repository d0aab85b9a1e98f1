"""Columns of the published volumes: found by name, with what each counts and for which period."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta

from core.periods import Quarter
from ingest.refusals import FileRejected

KEY = "Slug"
SIMULATED_MARK = "Simulated"
LISTING = {
    "service_name": r"Name of service",
    "department_name": r"Department",
    "department_abbreviation": r"Abbr",
    "organisation_name": r"Agency/body",
    "organisation_abbreviation": r"Agency abbr",
    "customer_type": r"Customer type",
    "business_model": r"Business model",
    "category": r"Category",
    "description": r"Description of service",
    "notes_on_costs": r"Notes on costs",
    "other_notes": r"Other notes",
    "previous_department_name": r"Previous dept \(MOG, .*\)",
    "previous_organisation_name": r"previous agency",
}
FIRST_MONTHS = {"Jan": 1, "Apr": 2, "Jul": 3, "Oct": 4}
"""Quarters of the calendar by their first months."""
QUARTER = re.compile(
    r"(?P<part>Total|Digital) transactions (?P<first>\w{3}) - \w{3} (?P<year>\d{4})"
)
ROLLING = re.compile(r"(?P<year>\d{4})-Q(?P<quarter>[1-4]) (?P<what>.+)")
ROLLING_METRICS = {
    "Vol.": ("transactions", "count"),
    "Digital vol.": ("digital_transactions", "count"),
    "CPT (£)": ("cost_per_transaction", "GBP"),
    "Digital CPT (£)": ("digital_cost_per_transaction", "GBP"),
    "Completion rate": ("completion_rate", "ratio"),
    "User satisfaction": ("user_satisfaction", "ratio"),
}
FIRST_WINDOW = (date(2011, 4, 1), date(2012, 3, 31))
"""Of label 2012-Q4: the one that breaks the rule of `rolling_window`."""


@dataclass(frozen=True)
class Column:
    """A column of figures: where it is, what it counts and for which period."""

    index: int
    header: str
    breakdown: str
    metric: str
    unit: str
    period_kind: str
    start: date
    end: date


@dataclass(frozen=True)
class Layout:
    """Where a vintage keeps what is known."""

    key: int
    listing: dict[str, int]
    quarters: tuple[Column, ...]
    rolling: tuple[Column, ...]
    width: int
    is_simulated: bool


def has_volumes(header: list[str]) -> bool:
    """Whether a header names quarterly or rolling volumes."""
    names = [fold_header(name) for name in header]
    return any(QUARTER.fullmatch(name) or is_rolling(name) for name in names)


def is_rolling(name: str) -> bool:
    """Whether a column is of the publisher's own rolling years."""
    return _rolling(name) is not None


def rolling_window(year: int, quarter: int) -> tuple[date, date]:
    """Twelve months that end before the labelled quarter, in which they were asked for."""
    if (year, quarter) == (2012, 4):
        return FIRST_WINDOW
    start_of_label = Quarter(year, quarter).start
    return start_of_label.replace(year=year - 1), start_of_label - timedelta(days=1)


def read_layout(header: list[str]) -> Layout:
    """Find the known columns by name.

    Raises:
        FileRejected: the key is missing, a known column appears twice, or there are no volumes.
    """
    names = [fold_header(name) for name in header]
    if KEY not in names:
        raise FileRejected("bad_header", f"no column {KEY!r}, the key of a service")
    listing = {
        field: found
        for field, pattern in LISTING.items()
        if (found := next((i for i, n in enumerate(names) if re.fullmatch(pattern, n)), None))
        is not None
    }
    columns = list(zip(names, header, strict=True))
    try:
        quarters = tuple(
            _quarter_column(i, printed, name)
            for i, (name, printed) in enumerate(columns)
            if QUARTER.fullmatch(name)
        )
        rolling = tuple(
            _rolling_column(i, printed, name)
            for i, (name, printed) in enumerate(columns)
            if is_rolling(name)
        )
    except ValueError as error:
        raise FileRejected("bad_header", f"a column of a year that can't be: {error}") from error
    known = [names[column.index] for column in (*quarters, *rolling)]
    known += [KEY] * names.count(KEY)
    twice = sorted({name for name in known if known.count(name) > 1})
    if twice:
        raise FileRejected("bad_header", f"column {twice[0]!r} appears twice")
    if not quarters:
        raise FileRejected("bad_header", "no column of quarterly volumes")
    return Layout(
        key=names.index(KEY),
        listing=listing,
        quarters=quarters,
        rolling=rolling,
        width=len(header),
        is_simulated=SIMULATED_MARK in names,
    )


def _quarter_column(index: int, header: str, name: str) -> Column:
    match = QUARTER.fullmatch(name)
    assert match is not None
    number = FIRST_MONTHS.get(match["first"])
    if number is None:
        raise FileRejected("bad_header", f"column {name!r} is not a quarter")
    quarter = Quarter(int(match["year"]), number)
    return Column(
        index=index,
        header=header,
        breakdown=match["part"].lower(),
        metric="",
        unit="count",
        period_kind="quarter",
        start=quarter.start,
        end=quarter.end,
    )


def _rolling(name: str) -> re.Match[str] | None:
    match = ROLLING.fullmatch(fold_header(name))
    return match if match is not None and match["what"] in ROLLING_METRICS else None


def _rolling_column(index: int, header: str, name: str) -> Column:
    match = _rolling(name)
    assert match is not None
    metric, unit = ROLLING_METRICS[match["what"]]
    start, end = rolling_window(int(match["year"]), int(match["quarter"]))
    return Column(index, header, "", metric, unit, "rolling_year", start, end)


def fold_header(name: str) -> str:
    """A header as headers are compared: every run of white space is one space."""
    return " ".join(name.split())
