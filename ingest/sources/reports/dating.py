"""When a claim holds, or when it is due: the dates of its sentence that are its own."""

from __future__ import annotations

import re
from datetime import date

from ingest.sources.reports.document import ClaimKind, Direction, Period
from ingest.sources.reports.measure import compared_with
from ingest.sources.reports.periods import Dated, whole_year
from ingest.sources.reports.sentence import HEDGE, Sentence
from ingest.sources.reports.tokens import Token
from ingest.sources.reports.wording import (
    COMPARED_DATE,
    COMPARED_LEVEL,
    OTHER_TIME,
    TARGET,
    TARGET_DATED,
    TARGET_PASSED,
    UNDATED,
)

SUBORDINATE = re.compile(
    r"\b(?:since|after|before|when|once|following|although|while|because|until)\b[^,]*\b(?:"
    r"\w+ed|is|are|was|were|has|had|went|began|came)\b[^,]*,",
    re.I,
)
"""A clause before the number's own, whose date is that of another thing."""


def when(
    token: Token, sentence: Sentence, kind: ClaimKind, direction: Direction
) -> tuple[Period | None, date | None]:
    """The period that a claim is about, or the day by which a target is due."""
    dated = _stated(token, sentence, direction)
    if dated is not None:
        if kind == "target" and dated.is_by:
            return None, dated.period.end
        if dated.is_by:
            return Period("day", dated.period.end, dated.period.end, "stated"), None
        return dated.period, None
    section = sentence.section
    if _is_dated_outside(sentence.bracket(token), sentence):
        return None, None
    if direction == "from" or OTHER_TIME.match(sentence.folded, token.end):
        return None, None
    if compared_with(token, sentence) is not None and direction != "to":
        return None, None
    if token.unit is not None and UNDATED.search(sentence.folded, *sentence.span(token)):
        return None, None
    if section.year is not None:
        is_current = (section.kind, kind) in (("progress", "outcome"), ("plan", "target"))
        return (whole_year(section.year, basis="section") if is_current else None), None
    if section.kind is None and kind == "outcome" and sentence.dated_on is not None:
        return whole_year(sentence.dated_on.year, basis="document"), None
    return None, None


def _stated(token: Token, sentence: Sentence, direction: Direction) -> Dated | None:
    bracket = sentence.bracket(token)
    if bracket is not None:
        return _in_bracket(token, sentence, bracket)
    masked = sentence.masked(token)
    open_dates = [
        d
        for d in sentence.dated
        if masked[d.start : d.end].strip() and not _is_compared(d, sentence)
    ]
    if sentence.is_named_target(token):
        open_dates = [d for d in open_dates if _dates_target(d, token, sentence)]
    following = [n.start for n in sentence.numbers if n.start > token.end + 3]
    _, clause_end = sentence.span(token)
    limit = min([*following, clause_end])
    for dated in open_dates:
        if token.end <= dated.start < limit:
            return dated
    clause_start, _ = sentence.span(token)
    earlier = [
        d
        for d in open_dates
        if d.end <= token.start
        and (d.start >= clause_start or _leads(d, sentence))
        and not SUBORDINATE.search(sentence.folded, clause_start, token.start)
        and not _is_of_earlier(d, token, sentence)
    ]
    return earlier[-1] if earlier and direction != "from" else None


def _in_bracket(token: Token, sentence: Sentence, bracket: tuple[int, int]) -> Dated | None:
    """The date in a number's brackets that no other number is nearer to: the first after it, else
    the last before it."""
    others = [n for n in sentence.numbers if n is not token and n.unit == token.unit]
    own = [
        d
        for d in sentence.dated
        if bracket[0] <= d.start < bracket[1] and not any(_is_between(n, token, d) for n in others)
    ]
    after = [d for d in own if d.start >= token.end]
    return next(iter(after or own[-1:]), None)


def _is_dated_outside(bracket: tuple[int, int] | None, sentence: Sentence) -> bool:
    """Whether a sentence has dates that may be those of what is in brackets, or may not."""
    return bracket is not None and any(
        dated.end <= bracket[0] or bracket[1] <= dated.start for dated in sentence.dated
    )


def _is_between(number: Token, token: Token, dated: Dated) -> bool:
    return token.end <= number.start < dated.start or dated.end <= number.start < token.start


def _is_of_earlier(dated: Dated, token: Token, sentence: Sentence) -> bool:
    """Whether a date belongs to an earlier share: `from 40% in 2012 to 54%`."""
    between = sentence.folded[dated.end : token.start]
    return re.fullmatch(rf",? (?:to|and|but|then) {HEDGE}", between) is not None and any(
        n.end <= dated.start and n.unit == token.unit for n in sentence.numbers
    )


def _is_compared(dated: Dated, sentence: Sentence) -> bool:
    """Whether a date is that of something else, which the value is held against."""
    before = sentence.folded[: dated.start + len(dated.lead)].rstrip()
    after = sentence.folded[dated.end :]
    return bool(COMPARED_DATE.search(before) or COMPARED_LEVEL.match(after))


def _dates_target(dated: Dated, token: Token, sentence: Sentence) -> bool:
    """Whether a date is a target's own, and not the day on which it was passed."""
    start, end = sentence.span(token)
    if not TARGET_PASSED.search(sentence.folded, start, end):
        return True
    before, after = sentence.folded[: dated.start].rstrip(), sentence.folded[dated.end :]
    before += f" {dated.lead}" if dated.lead else ""
    return bool(TARGET_DATED.search(before) or re.match(rf" {TARGET}\b", after, re.I))


def _leads(dated: Dated, sentence: Sentence) -> bool:
    """Whether a date opens its sentence, and so holds for all of it."""
    return not sentence.folded[: dated.start].strip()
