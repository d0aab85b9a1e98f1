"""The periods that a text states, as inclusive dates."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from core.periods import Quarter, last_day
from ingest.sources.reports.document import Period
from ingest.sources.reports.headings import MONTH, MONTH_NAMES

YEAR = r"(?:19|20)\d\d"
QUARTERS = {
    "1": 1,
    "2": 2,
    "3": 3,
    "4": 4,
    "first": 1,
    "second": 2,
    "third": 3,
    "fourth": 4,
    "last": 4,
}

A_YEAR = "(?:year|12 months|twelve months)"

RULES: tuple[tuple[str, str], ...] = (
    ("financial_years", rf"(?P<y1>{YEAR}) to {YEAR} and {YEAR} to (?P<y2>{YEAR})"),
    ("financial_year", rf"(?P<y1>{YEAR}) ?(?:to|/|-) ?(?P<y2>{YEAR}|\d\d)(?![\d%])"),
    ("years", rf"(?i:between|from) (?P<y1>{YEAR}) (?:and|to) (?P<y2>{YEAR})"),
    (
        "months",
        rf"(?i:between) (?P<m1>{MONTH})(?: (?P<y1>{YEAR}))? and (?P<m2>{MONTH}) (?P<y2>{YEAR})",
    ),
    ("months", rf"(?i:from) (?P<m1>{MONTH})(?: (?P<y1>{YEAR}))? to (?P<m2>{MONTH}) (?P<y2>{YEAR})"),
    (
        "year_to",
        rf"(?i:{A_YEAR} (?:to|ending|ended))(?: in)? (?:\d{{1,2}} )?(?P<m1>{MONTH}) (?P<y1>{YEAR})",
    ),
    ("quarter", rf"Q(?P<q>[1-4]),? (?:of )?(?P<y1>{YEAR})"),
    ("quarter", rf"(?P<q>first|second|third|fourth|last) quarter of (?P<y1>{YEAR})"),
    ("day", rf"(?P<d>\d{{1,2}})(?:st|nd|rd|th)? (?P<m1>{MONTH})(?: (?P<y1>{YEAR}))?"),
    ("middle", rf"mid[- ](?P<m1>{MONTH})(?: (?P<y1>{YEAR}))?"),
    ("middle_year", rf"mid[- ](?P<y1>{YEAR})"),
    ("end_month", rf"(?:the )?end(?: of |[- ])(?P<m1>{MONTH})(?: (?P<y1>{YEAR}))?"),
    ("end_year", rf"(?:the )?end(?: of |[- ])(?:(?P<y1>{YEAR})|the year)"),
    ("month", rf"(?P<m1>{MONTH})(?: (?P<y1>{YEAR}))?"),
    ("year", rf"(?P<y1>{YEAR})"),
)
LEADS = (
    "(?:no|not) later than|on or before|(?:not|no earlier|not earlier) (?:before|until|than)|"
    "by|before|until|in|during|throughout|over|at|on|since|after|between|from"
)
FINDERS = tuple(
    (
        name,
        re.compile(
            rf"(?:(?i:\b(?P<lead>{LEADS})) )?(?:the )?"
            r"(?:(?:financial|calendar) year |early |late )?"
            rf"(?<![\w/-]){rule}(?![\w/])"
        ),
    )
    for name, rule in RULES
)
MAY_DATE = re.compile(rf"{YEAR}|{MONTH}|end of the year")
"""What every rule needs."""
DUE = frozenset(("by", "before", "until", "no later than", "not later than", "on or before"))
NOT_A_PERIOD = frozenset(
    ("since", "after", "not before", "not until", "no earlier than", "not earlier than")
)


@dataclass(frozen=True)
class Dated:
    """A period where the text states it, its preposition (`lead`) included. `is_by` says that
    something is to hold by its end."""

    start: int
    end: int
    period: Period
    is_by: bool
    lead: str = ""


def periods_in(folded: str, *, year: int | None) -> list[Dated]:
    """Every period that a text states, in order, without overlaps.

    `year` is that of the section: a month without a year, and `the year`, are that year's. Where
    there is none such a month is not a period. What is dated `since` or `after` is not one either.
    """
    if not MAY_DATE.search(folded):
        return []
    found: list[Dated] = []
    covered: list[tuple[int, int]] = []
    for name, finder in FINDERS:
        for match in finder.finditer(folded):
            if any(start < match.end() and match.start() < end for start, end in covered):
                continue
            covered.append(match.span())
            lead = (match["lead"] or "").casefold()
            if name == "month" and not match["y1"] and not lead:
                continue
            period = _period(name, match, year)
            if period is not None and lead not in NOT_A_PERIOD:
                is_by = lead in DUE
                found.append(Dated(match.start(), match.end(), period, is_by, lead))
    return sorted(found, key=lambda dated: dated.start)


def last_day_of(text: str) -> date | None:
    """Last day of a year, or of a month with its year, that a text is nothing but."""
    match = re.fullmatch(rf"(?:(?P<m1>{MONTH}) )?(?P<y1>{YEAR})", text)
    if match is None:
        return None
    return last_day(int(match["y1"]), _month(match["m1"]) if match["m1"] else 12)


def whole_year(year: int, *, basis: str) -> Period:
    """A calendar year."""
    return Period("year", date(year, 1, 1), date(year, 12, 31), basis)  # type: ignore[arg-type]


def _period(name: str, match: re.Match[str], default: int | None) -> Period | None:
    parts = match.groupdict()
    year = int(parts["y1"]) if parts.get("y1") else default
    if name == "months":
        last_year = int(parts["y2"])
        year = int(parts["y1"]) if parts.get("y1") else last_year
        return Period(
            "range",
            date(year, _month(parts["m1"]), 1),
            last_day(last_year, _month(parts["m2"])),
            "stated",
        )
    if year is None:
        return None
    if name in ("financial_year", "financial_years"):
        last = int(parts["y2"]) if len(parts["y2"]) == 4 else year // 100 * 100 + int(parts["y2"])
        if last <= year:
            return None
        if name == "financial_year" and last != year + 1:
            return Period("range", date(year, 1, 1), date(last, 12, 31), "stated")
        kind = "financial_year" if last == year + 1 else "range"
        return Period(kind, date(year, 4, 1), date(last, 3, 31), "stated")  # type: ignore[arg-type]
    if name == "years":
        return Period("range", date(year, 1, 1), date(int(parts["y2"]), 12, 31), "stated")
    if name == "quarter":
        quarter = Quarter(year, QUARTERS[parts["q"].casefold()])
        return Period("quarter", quarter.start, quarter.end, "stated")
    if name == "year":
        return whole_year(year, basis="stated")
    if name == "year_to":
        month = _month(parts["m1"])
        first = date(year, 1, 1) if month == 12 else date(year - 1, month + 1, 1)
        return Period("range", first, last_day(year, month), "stated")
    if name == "middle_year":
        return _on(last_day(year, 6))
    if name == "end_year":
        return _on(date(year, 12, 31))
    return _within_month(name, parts, year, _month(parts["m1"]))


def _within_month(name: str, parts: dict[str, str], year: int, month: int) -> Period | None:
    if name == "middle":
        return _on(date(year, month, 15))
    if name == "end_month":
        return _on(last_day(year, month))
    if name == "day":
        try:
            return _on(date(year, month, int(parts["d"])))
        except ValueError:
            return None
    return Period("month", date(year, month, 1), last_day(year, month), "stated")


def _on(day: date) -> Period:
    return Period("day", day, day, "stated")


def _month(name: str) -> int:
    return MONTH_NAMES.index(name.capitalize()) + 1
