"""What a number measures, and the rules that every kind of number shares."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from ingest.sources.reports.kinds import NounPhrase
from ingest.sources.reports.measures import MetricRule
from ingest.sources.reports.sentence import HEDGE, Sentence
from ingest.sources.reports.tokens import Token
from ingest.sources.reports.wording import CHANGE, CHANGE_BY, CHANGE_OF, CHANGED_BY, COMPARED

OTHER_CLAUSE = re.compile(
    r"\b(?:while|whereas|although|though)\b|, (?:and|but) (?:those|the|that)\b"
)
"""Between two numbers that are not held against each other."""
OR = re.compile(rf",? or {HEDGE}")
COMMA = 40
"""Characters that a comma counts for where words are sought near a number."""
MORE = re.compile(r"(fewer|less|more) ", re.I)
REPORTER = re.compile(
    r"^(?:it|they|we|this|these|there|that)$|\b(?:departments?|agenc(?:y|ies)|teams?|offices?|"
    r"government|ministry|take(?:[ -]?up)?|uptake|satisfaction|completion(?: rate)?|service|"
    r"target)$",
    re.I,
)


@dataclass(frozen=True)
class Measure:
    """What a number measures: the part of a claim that comes from its nearest words.

    `phrase` is where the subject is named. Where it `is_bound` no service that is named before it
    can be meant.
    """

    metric: str
    subject: str | None
    scope: str | None = None
    phrase: tuple[int, int] | None = None
    is_bound: bool = False


def nearest(rules: tuple[MetricRule, ...], text: str, token: Token) -> str | None:
    """The metric whose words are nearest to a number; on a tie the rule that comes first.

    A comma between them counts as many characters: `satisfaction was 88%, completion 93%`.
    """
    best: tuple[int, str] | None = None
    for metric, start, end in _found(rules, text):
        gap = max(start - token.end, token.start - end, 0)
        between = text[min(end, token.end) : max(start, token.start)]
        gap += COMMA * sum(between.count(mark) for mark in ",;:")
        if best is None or gap < best[0]:
            best = (gap, metric)
    return best[1] if best else None


@lru_cache(maxsize=16)
def _found(rules: tuple[MetricRule, ...], text: str) -> list[tuple[str, int, int]]:
    """Where words tell a metric: the same for all numbers of a sentence."""
    return [(rule.metric, *match.span()) for rule in rules for match in rule.words.finditer(text)]


def base_of(token: Token, sentence: Sentence) -> NounPhrase | None:
    """What a share is a share of: `35% of users` is of users."""
    lead = r"\)? of " if not re.search(r" (?:in|out of) ", token.text) else r" (?:of )?"
    skip = re.compile(rf"{lead}(?:all |the |its |our |their )*").match(sentence.folded, token.end)
    if skip is None:
        return None
    pronoun = re.compile(r"(these|them|those)\b(?: services)?").match(sentence.folded, skip.end())
    if pronoun:
        return NounPhrase(pronoun.group(), "these", pronoun.start(), pronoun.end())
    phrase = sentence.phrase_at(skip.end())
    return None if phrase is not None and phrase.noun in ("total", "whole") else phrase


def compared_with(token: Token, sentence: Sentence) -> Token | None:
    """The earlier number that this one is held against: `64%, compared with 47% in 2014`,
    `above the 60% target`; the first of them where several are."""
    main = None
    while _is_compared(token, sentence):
        earlier = [n for n in sentence.numbers if n.end <= token.start and n.unit == token.unit]
        if not earlier or OTHER_CLAUSE.search(sentence.folded, earlier[-1].end, token.start):
            break
        main = token = earlier[-1]
    return main


def _is_compared(token: Token, sentence: Sentence) -> bool:
    is_held_against = COMPARED.search(sentence.before(token))
    if not (is_held_against or sentence.is_named_target(token)):
        return False
    return base_of(token, sentence) is None


def is_change(token: Token, sentence: Sentence) -> bool:
    """Whether a number is by how much something changed, and not a level."""
    while OR.search(sentence.before(token)):
        earlier = [n for n in sentence.numbers if n.end <= token.start]
        if not earlier:
            return False
        token = earlier[-1]
    before = sentence.before(token)
    return bool(
        CHANGED_BY.match(sentence.folded, token.end)
        or CHANGE_OF.search(before)
        or (CHANGE_BY.search(before) and CHANGE.search(sentence.folded, 0, token.start))
    )


def is_reporter(phrase: NounPhrase, sentence: Sentence) -> bool:
    """Whether words name who reports (a department, `the team`) or only the measure itself."""
    if sentence.registers.department(phrase.text) is not None:
        return True
    return REPORTER.search(phrase.text) is not None or phrase.text.isupper()
