"""Which class a number has: claims are made of those that no rule here takes."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from ingest.sources.reports.measures import COUNT_NOUNS
from ingest.sources.reports.text import TAIL
from ingest.sources.reports.tokens import Token
from ingest.sources.reports.vocabulary import (
    BEFORE_NOUN,
    COUNTED,
    KIND_RULES,
    NAME_WITH_YEAR,
    NAMES,
    ONE_YEAR,
    UNCOUNTED,
)

WORD = re.compile(r"[A-Za-z][\w'.-]*[\w']|[A-Za-z]")
NAME = re.compile("|".join(re.escape(name) for name in NAMES))
CHAPTERS = re.compile(r"(?:^|\s)0\d(?= [A-Z])")
QUANTIFIED = re.compile(
    r"\b(?:over|around|about|approximately|nearly|almost|more than|at least|up to|some) $", re.I
)
MAXIMUM_NOUN_PHRASE = 8


@dataclass(frozen=True)
class NounPhrase:
    """The words that follow a number up to their noun, and that noun in small letters."""

    text: str
    noun: str
    start: int
    end: int


def kind_of(folded: str, token: Token, *, named: list[tuple[int, int]]) -> str | None:
    """The class of a number that is not a claim, `undecided`, or None where it may be a claim.

    `named` holds the spans of registered names: a number inside one is part of it.
    """
    before, after = folded[max(token.start - TAIL, 0) : token.start], folded[token.end :]
    for rule in KIND_RULES:
        if (
            token.shape in rule.shapes
            and (rule.before is None or rule.before.search(before))
            and (rule.after is None or rule.after.match(after))
            and (rule.text is None or rule.text.fullmatch(token.text))
        ):
            return rule.kind
    if _is_in_name(folded, token, named):
        return "name"
    if token.shape == "ordinal":
        return "ordinal"
    if token.shape == "year":
        return _kind_of_year(before, after, token)
    if token.shape == "code":
        return "name" if re.match(r"#?[A-Za-z]", token.text) else "undecided"
    if token.shape == "universal":
        return _kind_of_all(folded, token)
    if token.shape == "single":
        return None if re.match(r" exemplar", after) else "idiom"
    if re.fullmatch(r"0\d", token.text) or (
        token.shape == "count" and re.match(r" [A-Z]", after) and _lists_chapters(folded)
    ):
        return "section_number"
    if token.value is None and token.shape != "quantity_word":
        return "undecided"
    return None


def _is_in_name(folded: str, token: Token, named: list[tuple[int, int]]) -> bool:
    spans = (*named, *_names_in(folded))
    is_word = token.shape in ("single", "ordinal", "count", "year", "code")
    return is_word and any(start <= token.start and token.end <= end for start, end in spans)


@lru_cache(maxsize=4)
def _names_in(folded: str) -> tuple[tuple[int, int], ...]:
    return tuple(match.span() for match in NAME.finditer(folded))


@lru_cache(maxsize=4)
def _lists_chapters(folded: str) -> bool:
    return len(CHAPTERS.findall(folded)) > 2


def _kind_of_year(before: str, after: str, token: Token) -> str | None:
    later = re.match(rf" ?(?:to|-|/) ?({ONE_YEAR}|\d\d)\b(?![\d%])", after)
    earlier = re.search(rf"\b({ONE_YEAR}) ?(?:to|-) ?$", before)
    year = int(token.text)
    if later and int(later[1]) % 100 == (year + 1) % 100:
        return "financial_year"
    if earlier and int(earlier[1]) == year - 1:
        return "financial_year"
    following = WORD.match(after.lstrip())
    if following and following.group().casefold() in COUNT_NOUNS:
        # `2012 applications`: so many, or those of the year? Only a qualifier tells.
        return None if QUANTIFIED.search(before) else "undecided"
    return "name" if NAME_WITH_YEAR.search(before) else "year"


def _kind_of_all(folded: str, token: Token) -> str | None:
    phrase = counted_phrase(folded, token)
    if phrase is None:
        return "undecided"
    return None if phrase.noun in COUNTED else "generality"


def counted_phrase(folded: str, token: Token) -> NounPhrase | None:
    """What `all` or `every` is said of: `all its digital channels` is of digital channels."""
    words: list[re.Match[str]] = []
    at = token.end
    while len(words) < MAXIMUM_NOUN_PHRASE:
        gap = re.compile(r"(?:[ ]|\d[\d,]*|'s? )*").match(folded, at)
        word = WORD.match(folded, gap.end() if gap else at)
        if word is None:
            break
        words.append(word)
        at = word.end()
    noun: int | None = None
    for index, word in enumerate(words):
        known = word.group().casefold() in COUNTED | UNCOUNTED
        if noun is not None and not known:
            break
        if known:
            noun = index
    if noun is None:
        return None
    first = 0
    for index, word in enumerate(words[:noun]):
        if word.group().casefold() in BEFORE_NOUN or word.group().endswith("'s"):
            first = index + 1
    start, end = words[first].start(), words[noun].end()
    return NounPhrase(folded[start:end], words[noun].group().casefold(), start, end)
