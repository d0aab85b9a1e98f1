"""The day of a promise whose sentence prints none: by a season, by its plan, or none."""

from __future__ import annotations

import re
from datetime import date

from core.periods import last_day
from ingest.sources.reports.document import Period
from ingest.sources.reports.headings import MONTH
from ingest.sources.reports.periods import DUE, YEAR, Dated, periods_in
from ingest.sources.reports.promising import CONDITION

HELD_AGAINST = ("in", "during", "throughout", "at", "on", "over", "between")
"""Before a period by whose end something is to be done, besides those of `DUE`."""

SEASONS = {"spring": 3, "summer": 6, "autumn": 9}
"""First months, of three. Of a winter it isn't known in which year it ends."""

SEASON = re.compile(
    rf"\b(?P<lead>by|before|until|in|during|over|at) (?:the )?(?:end of (?:the )?)?"
    rf"(?P<season>{'|'.join(SEASONS)})(?:(?: of)? (?P<year>{YEAR}))?\b",
    re.I,
)
ELSEWHEN = re.compile(
    r"\b(?:by|before|until|within|over|during|in|at) (?:the |this |next )?"
    r"(?:(?:end|start|beginning|middle) of )?(?:the |this |next )?"
    r"(?:(?:current |coming )?(?:financial|tax|academic|school) year|parliament|easter|christmas"
    r"|winter(?! of)|next (?:\w+ )?(?:years?|months)|\w+ (?:weeks|months|years)"
    r"|long(?:er)?[ -]term|due course)\b",
    re.I,
)
"""Times that end who knows when, but not with the year of the plan."""
TIME = re.compile(
    rf"\b(?:{MONTH}\b|{YEAR}(?!\d)|(?:first|second|third|fourth|last|latter) (?:half|quarter)\b"
    r"|Q[1-4]\b|H[12]\b|FY ?\d\d|mid[- ]?year\b)"
)
"""A time that is printed."""
NAMED_BY_YEAR = re.compile(r"\b(?:for|an?|its|their) (?P<year>(?:19|20)\d\d)\b", re.I)
"""A year that belongs to the name of a thing: `its 2015 survey`."""
OR_LATER = re.compile(
    rf" ?(?:or|/|-|to) ?(?:in |by )?(?:early |late )?(?:{MONTH}|{'|'.join(SEASONS)}|\d{{4}})\b",
    re.I,
)
EARLY = re.compile(rf"\bearly {YEAR}$", re.I)
FROM = re.compile(rf"\b(?:from|after|beyond|since) (?:[A-Za-z]+ )?(?P<year>{YEAR})\b")


def is_day(found: Dated) -> bool:
    """Whether by the end of a period something is to be done."""
    return found.lead in DUE or found.lead in HELD_AGAINST


def season_in(folded: str, start: int, end: int, *, year: int | None) -> Dated | None:
    """The first season that is stated between `start` and `end`, of `year` where it has none."""
    for match in SEASON.finditer(folded, start, end):
        stated = int(match["year"]) if match["year"] else year
        if stated is None:
            continue
        first = SEASONS[match["season"].casefold()]
        period = Period("range", date(stated, first, 1), last_day(stated, first + 2), "stated")
        lead = match["lead"].casefold()
        return Dated(match.start(), match.end(), period, lead in ("by", "before", "until"), lead)
    return None


def day_without(folded: str, start: int, end: int, *, year: int) -> date | None:
    """The last day of the plan's year; None where the promise waits for something, or is for
    another time."""
    if CONDITION.search(folded, start, end) or ELSEWHEN.search(folded, start, end):
        return None
    if any(int(match["year"]) > year for match in FROM.finditer(folded, start, end)):
        return None
    if _is_timed_otherwise(folded, start, end, year=year):
        return None
    return date(year, 12, 31)


def is_vague(folded: str, due: Dated) -> bool:
    """Whether a period ends who knows when: `by early 2015`, `by June or July`."""
    is_early = due.lead in DUE and EARLY.search(folded[due.start : due.end])
    return bool(is_early or OR_LATER.match(folded, due.end))


def _is_timed_otherwise(folded: str, start: int, end: int, *, year: int) -> bool:
    """Whether a clause prints a time that no rule takes for a day or for the beginning of it."""
    read = [
        (found.start, found.end)
        for found in periods_in(folded, year=year)
        if is_day(found) and not is_vague(folded, found) and found.period.end.year >= year
    ]
    read += [match.span() for match in SEASON.finditer(folded, start, end)]
    read += [match.span() for match in FROM.finditer(folded, start, end)]
    read += [m.span() for m in NAMED_BY_YEAR.finditer(folded, start, end)]
    return any(
        not any(first <= match.start() < last for first, last in read)
        for match in TIME.finditer(folded, start, end)
    )
