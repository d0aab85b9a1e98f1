"""The day of a promise whose sentence prints none: by a season, by its plan, or none."""

from __future__ import annotations

import re
from datetime import date

from core.periods import last_day
from ingest.sources.reports.document import Period
from ingest.sources.reports.periods import YEAR, Dated
from ingest.sources.reports.promising import CONDITION

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
FROM = re.compile(rf"\b(?:from|after|beyond|since) (?:[A-Za-z]+ )?(?P<year>{YEAR})\b")


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
    return date(year, 12, 31)
