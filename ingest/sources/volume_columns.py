"""Columns of the published volumes: found by name, with what each counts and for which period."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from difflib import get_close_matches

from core.periods import Quarter
from ingest.refusals import FileRejected
from ingest.sources.count_cells import MARKER, marker_of

KEY = "Slug"
NEEDED = {"service_name": "Name of service", "department_name": "Department"}
SIMULATED_MARK = "Simulated"
LISTING = {
    "service_name": r"name of service|service name",
    "department_name": r"department( name)?|dept",
    "department_abbreviation": r"abbr",
    "organisation_name": r"agency/body",
    "organisation_abbreviation": r"agency abbr",
    "customer_type": r"customer type",
    "business_model": r"business model",
    "category": r"category",
    "description": r"description of service",
    "notes_on_costs": r"notes on costs",
    "other_notes": r"other notes",
    "previous_department_name": r"previous dept \(mog, .*\)",
    "previous_organisation_name": r"previous agency",
}
MONTHS = (
    "january february march april may june july august september october november december".split()
)
MONTH = re.compile(rf"\b({'|'.join(f'{month[:3]}(?:{month[3:]})?' for month in MONTHS)})\b")
DASHES = re.compile("[\u2010-\u2015\u2212\ufe58\ufe63\uff0d]")
INVISIBLE = re.compile("[\u200b-\u200f\u2060\ufeff\u00ad]")
QUARTER = re.compile(
    r"(?P<part>total|digital) transactions (?P<first>[a-z]+)\.?(?: (?P<first_year>\d{4}))?"
    r" ?(?:-|to) ?(?P<last>[a-z]+)\.? (?P<year>\d{4})"
    rf"(?: ?{MARKER})?(?: ?\[notes? [\d, ]+\])?"
)
ROLLING = re.compile(r"(?P<year>\d{4})-q(?P<quarter>[1-4]) (?P<what>.+)")
ROLLING_METRICS = {
    "vol.": ("transactions", "count"),
    "digital vol.": ("digital_transactions", "count"),
    "cpt (£)": ("cost_per_transaction", "GBP"),
    "digital cpt (£)": ("digital_cost_per_transaction", "GBP"),
    "completion rate": ("completion_rate", "ratio"),
    "user satisfaction": ("user_satisfaction", "ratio"),
}
FIGURES = re.compile(
    r".*\btransactions?\b.*\b(total|digital)\b.*|.*\b(total|digital)\b.*\btransactions?\b.*"
    r"|(total|digital)\b.*\b(19|20)\d\d\b.*|\d{4} ?-? ?q\d\b.*"
)
"""Names that speak of figures by period, whether they are understood or not."""
ALIKE = 0.9
"""How much of two names is the same, where one is the other misspelt: a letter of a short one."""
INTERNAL = re.compile(r".*\b12 months\b.*")
"""The publisher's own sums for checking, which are not read."""
FIRST_WINDOW = (date(2011, 4, 1), date(2012, 3, 31))
"""Of label 2012-Q4: the one that breaks the rule of `rolling_window`."""


@dataclass(frozen=True)
class Column:
    """A column of figures: where it is, what it counts and for which period.

    `marker`: revised or provisional, where the heading says it of the whole column.
    """

    index: int
    header: str
    breakdown: str
    metric: str
    unit: str
    period_kind: str
    start: date
    end: date
    marker: str = ""


@dataclass(frozen=True)
class Layout:
    """Where a vintage keeps what is known; `unread` names figures that are not understood."""

    key: int
    listing: dict[str, int]
    quarters: tuple[Column, ...]
    rolling: tuple[Column, ...]
    width: int
    is_simulated: bool
    unread: tuple[str, ...]


def has_volumes(header: Sequence[str]) -> bool:
    """Whether a header names services and, in whatever words, their figures."""
    names = [fold_header(name) for name in header]
    has_services = any(re.fullmatch(LISTING["service_name"], name) for name in names)
    return has_services and any(_speaks_of_figures(name) for name in names)


def rolling_window(year: int, quarter: int) -> tuple[date, date]:
    """Twelve months that end before the labelled quarter, in which they were asked for."""
    if (year, quarter) == (2012, 4):
        return FIRST_WINDOW
    start_of_label = Quarter(year, quarter).start
    return start_of_label.replace(year=year - 1), start_of_label - timedelta(days=1)


def read_layout(header: Sequence[str]) -> Layout:
    """Find the known columns by name.

    Raises:
        FileRejected: a column that every row needs is missing, a known one appears twice, or none
            of quarterly volumes is understood.
    """
    names = [fold_header(name) for name in header]
    if fold_header(KEY) not in names:
        raise FileRejected("bad_header", f"no column {KEY!r}, the key of a service")
    listing = {
        field: found
        for field, pattern in LISTING.items()
        if (found := next((i for i, n in enumerate(names) if re.fullmatch(pattern, n)), None))
        is not None
    }
    missing = next((name for field, name in NEEDED.items() if field not in listing), None)
    if missing is not None:
        raise FileRejected("bad_header", f"no column {missing!r}")
    try:
        figures = [_figures(i, printed, names[i]) for i, printed in enumerate(header)]
    except ValueError as error:
        raise FileRejected("bad_header", f"a column of a year that can't be: {error}") from error
    columns = [column for column in figures if column is not None]
    _refuse_twice(names, header, columns)
    read = {column.index for column in columns}
    understood = {_undated(names[index]) for index in read}
    unread = tuple(
        shown(printed)
        for i, printed in enumerate(header)
        if i not in read and (_speaks_of_figures(names[i]) or _is_misspelt(names[i], understood))
    )
    quarters = tuple(column for column in columns if column.period_kind == "quarter")
    if not quarters:
        said = f"; {unread[0]!r} is not understood" if unread else ""
        raise FileRejected("bad_header", f"no column of quarterly volumes{said}")
    return Layout(
        key=names.index(fold_header(KEY)),
        listing=listing,
        quarters=quarters,
        rolling=tuple(column for column in columns if column.period_kind == "rolling_year"),
        width=len(header),
        is_simulated=is_marked_simulated(header),
        unread=unread,
    )


def is_marked_simulated(header: Sequence[str]) -> bool:
    """Whether a header has the simulator's mark."""
    return fold_header(SIMULATED_MARK) in map(fold_header, header)


def fold_header(name: str) -> str:
    """A header as headers are compared: without case, one space for any white space, one dash."""
    return " ".join(DASHES.sub("-", INVISIBLE.sub("", name)).split()).casefold()


def shown(name: str) -> str:
    """A header on one line."""
    return " ".join(name.split())


def _speaks_of_figures(name: str) -> bool:
    return bool(FIGURES.fullmatch(name)) and not INTERNAL.fullmatch(name)


def _is_misspelt(name: str, understood: Iterable[str]) -> bool:
    """Whether a name is a letter or two from one that is understood, but for the period."""
    return bool(get_close_matches(_undated(name), understood, n=1, cutoff=ALIKE))


def _undated(name: str) -> str:
    return re.sub(r"\d", "0", MONTH.sub("month", name))


def _refuse_twice(names: Sequence[str], header: Sequence[str], columns: Sequence[Column]) -> None:
    key = fold_header(KEY)
    meant = [(name,) for name in names if name == key] + [
        (column.breakdown, column.metric, column.start) for column in columns
    ]
    printed = [KEY] * names.count(key) + [shown(header[column.index]) for column in columns]
    twice = next((printed[i] for i, what in enumerate(meant) if what in meant[:i]), None)
    if twice is not None:
        raise FileRejected("bad_header", f"column {twice!r} appears twice")


def _figures(index: int, printed: str, name: str) -> Column | None:
    """The column of figures that a name says; None where it says none that is known.

    Raises:
        ValueError: its year can't be.
    """
    if match := QUARTER.fullmatch(name):
        return _quarter(index, printed, match)
    match = ROLLING.fullmatch(name)
    if match is None or match["what"] not in ROLLING_METRICS:
        return None
    metric, unit = ROLLING_METRICS[match["what"]]
    start, end = rolling_window(int(match["year"]), int(match["quarter"]))
    return Column(index, printed, "", metric, unit, "rolling_year", start, end)


def _quarter(index: int, printed: str, match: re.Match[str]) -> Column | None:
    """A quarter's column; None where the months are not those of a quarter of the calendar."""
    first, last = _month(match["first"]), _month(match["last"])
    is_quarter = first % 3 == 1 and last == first + 2
    if not is_quarter or match["first_year"] not in (None, match["year"]):
        return None
    quarter = Quarter(int(match["year"]), (first + 2) // 3)
    return Column(
        index=index,
        header=printed,
        breakdown=match["part"],
        metric="",
        unit="count",
        period_kind="quarter",
        start=quarter.start,
        end=quarter.end,
        marker=marker_of(match["marker"]),
    )


def _month(name: str) -> int:
    """Number of a month, in full or by three or four letters; 0 where it is none."""
    is_short = 3 <= len(name) <= 4
    return next(
        (
            number
            for number, month in enumerate(MONTHS, 1)
            if name == month or (is_short and month.startswith(name))
        ),
        0,
    )
