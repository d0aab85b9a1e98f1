"""A document's front matter: title, publisher, series, dates, and the page around the text."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import Literal

from core.periods import last_day
from ingest.sources.reports.headings import MONTH, MONTH_NAMES, YEAR
from ingest.sources.reports.text import Line

ACTION_TITLE = re.compile(
    r"^Action (?P<action>\d{1,2})(?: ?[:.-]|(?= (?!was|is|has|will|forms)\w))", re.I
)
STRATEGY = re.compile(r"\bGovernment Digital Strategy\b", re.I)
DAY = re.compile(rf"(?P<day>\d{{1,2}})(?:st|nd|rd|th)? (?P<month>{MONTH}),? (?P<year>{YEAR})", re.I)
UPDATED = re.compile(rf"^(?:last )?updated:? (?:on )?{DAY.pattern}", re.I)
PUBLISHED = re.compile(rf"^(?:first )?published:? (?:on )?{DAY.pattern}", re.I)
BARE_MONTH = re.compile(rf"^(?P<month>{MONTH}) (?P<year>{YEAR})$", re.I)
BARE_DAY = re.compile(rf"^{DAY.pattern}$", re.I)
SITE_SUFFIX = re.compile(r"\s+[-|]\s+(?:Welcome to )?GOV\.UK$", re.I)
PUBLISHERS = {
    "cabinet office": "Cabinet Office",
    "government digital service": "Government Digital Service",
}
FRONT_LINES = 15
"""How many lines may come before a document's own text, its date among them."""

ASIDE = re.compile(
    r"^(?:contents|print this page|back to top|is this page useful\??|skip to main content|"
    r"help us improve gov\.uk|google online preview(?:\s+download)?|download|cookies|share this.*|"
    r"in order to avoid copyright disputes.*|\.{6,})$",
    re.I,
)
LAST_PART = re.compile(
    r"^(?:related (?:articles|content|links|documents)|you may also like|"
    r"more from .{1,40}|explore the topic)$",
    re.I,
)
"""From such a line on, a page is about other things."""

Precision = Literal["day", "month"]


@dataclass(frozen=True)
class Front:
    """What comes before the sections. `lines` are these lines, in order."""

    title: str
    publisher: str | None
    series: str | None
    action: int | None
    published_on: date | None
    updated_on: date | None
    date_precision: Precision | None
    lines: tuple[Line, ...]


def split_asides(lines: list[Line]) -> tuple[list[Line], list[Line]]:
    """The document's own lines, and those of the page around it (navigation, other articles)."""
    own: list[Line] = []
    asides: list[Line] = []
    ended = False
    if _is_window_title(lines):
        asides.append(lines[0])
        lines = lines[1:]
    for line in lines:
        ended = ended or LAST_PART.match(line.folded) is not None
        is_aside = ended or line.role == "aside" or ASIDE.match(line.folded)
        (asides if is_aside else own).append(line)
    return own, asides


def _is_window_title(lines: list[Line]) -> bool:
    """Whether the first line only says what a page's own heading says again."""
    if not lines or lines[0].role != "heading":
        return False
    said = SITE_SUFFIX.sub("", lines[0].folded)
    return any(line.role == "heading" and line.folded == said for line in lines[1:FRONT_LINES])


def read_front(lines: list[Line], *, own_text_at: int | None) -> Front:
    """Front matter of a document.

    `own_text_at` is the index of the first heading of an action paper, and None for a document in
    another layout, whose front ends with its title, publisher, date and standfirst. A month
    without a day is dated to its last day: not before then was it surely known.
    """
    head = lines[: own_text_at if own_text_at is not None else FRONT_LINES]
    titled = _title(head)
    title = SITE_SUFFIX.sub("", lines[titled].text) if titled is not None else ""
    published, updated, precision, dated = _dates(head)
    action = ACTION_TITLE.match(title)
    in_series = any(STRATEGY.search(line.folded) for line in head)
    publisher = _publisher(head)
    if publisher is None and action is not None and in_series:
        publisher = "Cabinet Office"
    if own_text_at is not None:
        front = tuple(lines[:own_text_at])
    else:
        front = _free_front(lines, titled, dated)
    return Front(
        title=title,
        publisher=publisher,
        series="government-digital-strategy" if in_series else None,
        action=int(action["action"]) if action else None,
        published_on=published,
        updated_on=updated,
        date_precision=precision,
        lines=front,
    )


def _title(head: list[Line]) -> int | None:
    """Index of the title: an action's, else a main heading, else the first line, unless a later
    line says the end of that one again (a page's trail of links runs into its title)."""
    for index, line in enumerate(head):
        if ACTION_TITLE.match(line.folded):
            return index
    for index, line in enumerate(head):
        if line.role == "heading":
            return index
    for index, line in enumerate(head[1:5], 1):
        if len(line.text.split()) > 3 and head[0].text.endswith(line.text):
            return index
    return 0 if head else None


def _dates(
    head: list[Line],
) -> tuple[date | None, date | None, Precision | None, int | None]:
    published: date | None = None
    updated: date | None = None
    precision: Precision | None = None
    dated: int | None = None
    for index, line in enumerate(head):
        for pattern, is_update in ((UPDATED, True), (PUBLISHED, False), (BARE_DAY, False)):
            match = pattern.match(line.folded)
            found = _day(match) if match else None
            if found is None:
                continue
            precision, dated = "day", index
            if is_update:
                updated = found
            else:
                published = published or found
            break
        month = BARE_MONTH.match(line.folded)
        if month and precision is None:
            number = _month(month["month"])
            year = int(month["year"])
            published = last_day(year, number)
            precision, dated = "month", index
    return published, updated, precision, dated


def _day(match: re.Match[str]) -> date | None:
    try:
        return date(int(match["year"]), _month(match["month"]), int(match["day"]))
    except ValueError:
        return None


def _month(name: str) -> int:
    return MONTH_NAMES.index(name.capitalize()) + 1


def _publisher(head: list[Line]) -> str | None:
    for line in head:
        known = PUBLISHERS.get(line.folded.casefold())
        if known:
            return known
    return None


def _free_front(lines: list[Line], titled: int | None, dated: int | None) -> tuple[Line, ...]:
    """Title, publisher and date, with what is before them, and one line without a stop
    directly after the title (a standfirst)."""
    last = max((index for index in (titled, dated) if index is not None), default=-1)
    if titled is not None and last == titled and titled + 1 < len(lines):
        following = lines[titled + 1]
        if not re.search(r"[.!?:]$", following.folded) and len(following.text.split()) > 6:
            last = titled + 1
    return tuple(lines[: last + 1])
