"""What a number measures and of what, by the words of its sentence that are nearest to it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ingest.sources.reports.kinds import NounPhrase, counted_phrase
from ingest.sources.reports.measures import (
    CHANGE,
    COUNT_NOUNS,
    FEATURES,
    MONEY_METRICS,
    PEOPLE_METRICS,
    SHARE_METRICS,
    STOP_WORDS,
    MetricRule,
)
from ingest.sources.reports.sentence import GENERIC_PEOPLE, HEDGE, Sentence, noun_phrase
from ingest.sources.reports.tokens import Token

COMMA = 40
"""Characters that a comma counts for where words are sought near a number."""
TAKE_UP_OF = re.compile(
    r"\b(?:take[ -]?up|up-?take) (?:of|for|among) (?:the |its |our |their )*", re.I
)
NAMED_TAKE_UP = re.compile(
    r"\b((?:[A-Z][\w'-]+ )(?:[\w'-]+ ){0,3}?)(?:digital |online )?(?:take[ -]?up|up-?take)\b"
)
ADJACENT = 12
"""Characters between a number and the take-up that it directly belongs to."""
NOT_OWNERS = frozenset("the this that digital online overall its their our an a in by".split())
OWN_SUBJECT = frozenset(
    "digital_take_up digital_enablement completion_rate user_satisfaction".split()
)
"""Shares that mean nothing unless one knows of which service."""


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


def measure_of(token: Token, sentence: Sentence) -> Measure | str:
    """Metric and subject by the shape of a number and the words around it, or why not."""
    if token.shape in ("percent", "fraction", "quantity_word"):
        return _share(token, sentence)
    if token.shape == "money":
        return _money(token, sentence)
    if token.shape == "universal":
        return _universal(token, sentence)
    if token.shape == "single":
        return _count(token, sentence)
    if token.shape == "duration":
        return _timing(token, sentence)
    return _count(token, sentence)


def nearest(rules: tuple[MetricRule, ...], text: str, token: Token) -> str | None:
    """The metric whose words are nearest to a number; on a tie the rule that comes first.

    A comma between them counts as many characters: `satisfaction was 88%, completion 93%`.
    """
    best: tuple[int, str] | None = None
    for rule in rules:
        for match in rule.words.finditer(text):
            gap = max(match.start() - token.end, token.start - match.end(), 0)
            between = text[min(match.end(), token.end) : max(match.start(), token.start)]
            gap += COMMA * sum(between.count(mark) for mark in ",;:")
            if best is None or gap < best[0]:
                best = (gap, rule.metric)
    return best[1] if best else None


def base_of(token: Token, sentence: Sentence) -> NounPhrase | None:
    """What a share is a share of: `35% of users` is of users."""
    lead = r"\)? of " if not re.search(r" (?:in|out of) ", token.text) else r" (?:of )?"
    skip = re.compile(rf"{lead}(?:all |the |its |our |their )*").match(sentence.folded, token.end)
    if skip is None:
        return None
    pronoun = re.compile(r"(these|them|those)\b(?: services)?").match(sentence.folded, skip.end())
    if pronoun:
        return NounPhrase(pronoun.group(), "these", pronoun.start(), pronoun.end())
    return noun_phrase(sentence.folded, skip.end())


def _share(token: Token, sentence: Sentence) -> Measure | str:
    metric = nearest(SHARE_METRICS, sentence.masked(token), token)
    if metric is None:
        metric = nearest(SHARE_METRICS, sentence.folded, token)
    if metric is None:
        return "a share, and the rules know no measure in its sentence"
    if token.unit == "percentage_point" or _is_change(token, sentence):
        metric += "_change"
    base = base_of(token, sentence) or _base_before(token, sentence)
    if base is None:
        return _without_base(metric, token, sentence)
    if base.noun == "these":
        return Measure(metric, sentence.counted, scope=base.text.split()[0])
    if metric.removesuffix("_change") in OWN_SUBJECT:
        if base.noun in GENERIC_PEOPLE:
            return Measure(metric, None, scope=base.text)
        return Measure(metric, base.text, phrase=(base.start, base.end), is_bound=True)
    return Measure(metric, base.text, phrase=(base.start, base.end))


def _without_base(metric: str, token: Token, sentence: Sentence) -> Measure:
    """A share that does not say of what: `take-up of permits rose to 41%` says it before."""
    if metric.removesuffix("_change") not in OWN_SUBJECT:
        return Measure(metric, None)
    folded = sentence.folded
    owner: NounPhrase | None = None
    for match in TAKE_UP_OF.finditer(folded):
        phrase = noun_phrase(folded, match.end())
        if phrase is not None and match.start() - token.end <= ADJACENT:
            owner = phrase
    if owner is not None:
        return Measure(metric, owner.text, phrase=(owner.start, owner.end), is_bound=True)
    named = NAMED_TAKE_UP.search(folded)
    if named is None or named[1].split()[0].casefold() in NOT_OWNERS:
        return Measure(metric, None)
    return Measure(metric, named[1].strip())


def _base_before(token: Token, sentence: Sentence) -> NounPhrase | None:
    """`35% of users ..., up from 19.2%`: the second is a share of the same whole."""
    earlier = [n for n in sentence.numbers if n.end <= token.start and n.shape == token.shape]
    if not earlier or not re.search(r"\bfrom (?:\w+ )?$", sentence.folded[: token.start]):
        return None
    return base_of(earlier[-1], sentence)


def _is_change(token: Token, sentence: Sentence) -> bool:
    before = sentence.folded[: token.start]
    after = sentence.folded[token.end :]
    rise = r"^ (?:increase|rise|reduction|fall|drop|growth|decrease|more|fewer|improvement)\b"
    by = re.search(r"\bby (?:(?:a|an|over|around|about|more|than|nearly|almost) )*$", before)
    return bool(re.match(rise, after)) or bool(by and CHANGE.search(before))


def _money(token: Token, sentence: Sentence) -> Measure | str:
    metric = nearest(MONEY_METRICS, sentence.masked(token), token)
    if metric is None:
        return "money, and the rules know no measure in its sentence"
    subject, phrase = _money_subject(metric, token, sentence)
    return Measure(metric, subject, phrase=phrase)


def _money_subject(
    metric: str, token: Token, sentence: Sentence
) -> tuple[str | None, tuple[int, int] | None]:
    """What the money costs, saves or pays for, and where the text says so."""
    folded = sentence.folded
    if metric == "cost":
        before = folded[: token.start]
        costs = re.search(r"((?:[A-Za-z]+ ){1,3})(costs?)\b", before)
        words = costs[1].split() if costs else []
        while words and STOP_WORDS.intersection(word.casefold() for word in words):
            del words[0]
        return (" ".join([*words, costs[2]]) if costs and words else None), None
    if metric == "savings":
        moved = re.search(r"\bmov(?:e|ing) ((?:\w+ )?services)\b", folded)
        return (moved[1] if moved else None), None
    purpose = r" (?:to support|to provide|to fund|towards|for|to|in|on) (?:the |a |an )?(?!\d)"
    for match in re.compile(purpose).finditer(folded, token.end):
        phrase = noun_phrase(folded, match.end())
        if phrase is not None:
            return phrase.text, (phrase.start, phrase.end)
    return None, None


def _universal(token: Token, sentence: Sentence) -> Measure | str:
    phrase = counted_phrase(sentence.folded, token)
    if phrase is None:
        return "all of what? The rules do not know the noun"
    masked = sentence.masked(token)
    around = masked[: phrase.start] + " " * (phrase.end - phrase.start) + masked[phrase.end :]
    metric = nearest(FEATURES, around, token)
    if metric == "staff_at_skill_level" and not phrase.text.startswith("staff"):
        metric = None
    return Measure(metric or "applies_to_all", phrase.text, phrase=(phrase.start, phrase.end))


def _timing(token: Token, sentence: Sentence) -> Measure | str:
    after = sentence.folded[token.end :]
    if re.match(r" (?:early|ahead|earlier|sooner)\b", after):
        return Measure("target_met_early", None)
    if re.match(r" (?:late|behind|later)\b", after):
        return Measure("target_missed_by", None)
    return "a stretch of time: planned, taken or promised?"


def _count(token: Token, sentence: Sentence) -> Measure | str:
    before = sentence.folded[: token.start]
    phrase = _counted(token, sentence)
    if phrase is None:
        return _count_without_noun(token, sentence, before)
    metric = COUNT_NOUNS[phrase.noun]
    after = sentence.folded[phrase.end :]
    subject = phrase.text
    if metric == "people":
        metric = _people(token, sentence)
    elif metric == "transactions" and re.match(r" (?:each|a|per|every) year\b", after):
        served = re.search(
            r"((?:\w+ )?services) (?:handling|with|of|that handle) (?:over |more than )?$", before
        )
        if served:
            return Measure("transactions_threshold", served[1].casefold())
    elif re.match(r" (?:already )?issued\b", after):
        metric += "_issued"
    elif metric == "premises" and re.search(r"\breach(?:ed|ing)?\b", before):
        metric = "premises_reached"
    return Measure(metric, subject, phrase=(phrase.start, phrase.end))


def _counted(token: Token, sentence: Sentence) -> NounPhrase | None:
    """The noun that a number counts, with the words between; an exemplar takes its noun along."""
    phrase = noun_phrase(sentence.folded, token.end)
    if phrase is None:
        return None
    words = list(re.finditer(r"[\w'-]+", phrase.text))
    for index, word in enumerate(words):
        noun = word.group().casefold()
        if noun not in COUNT_NOUNS:
            continue
        last = words[-1] if noun == "exemplar" else words[index]
        return NounPhrase(phrase.text[: last.end()], noun, phrase.start, phrase.start + last.end())
    return None


def _count_without_noun(token: Token, sentence: Sentence, before: str) -> Measure | str:
    if re.search(r"\bof whom (?:\w+ )?$", before):
        return Measure(_people(token, sentence), "people")
    follows_count = re.search(rf"\bfrom {HEDGE}", before)
    if follows_count and CHANGE.search(before):
        earlier = [n for n in sentence.numbers if n.end <= token.start and n.shape == "count"]
        if earlier and _counted(earlier[-1], sentence) is not None:
            return _count(earlier[-1], sentence)
    if re.search(r"\btotal of $", before):
        earlier = [n for n in sentence.numbers if n.end <= token.start and n.shape == "count"]
        phrase = _counted(earlier[-1], sentence) if earlier else None
        if phrase is not None:
            span = (phrase.start, phrase.end)
            return Measure(f"{COUNT_NOUNS[phrase.noun]}_available", phrase.text, phrase=span)
    number_of = re.search(
        r"\bnumber of ([\w' -]+?) (?:(?:received|made|issued|from)\b.*)?"
        r"(?:was|were|is|are|reached|totalled|rose to|fell to)\b[^.]{0,20}$",
        before,
    )
    if number_of and number_of[1].split()[-1].casefold() in COUNT_NOUNS:
        noun = number_of[1].split()[-1].casefold()
        return Measure(COUNT_NOUNS[noun], number_of[1])
    return "a count, and the rules know no noun that it counts"


def _people(token: Token, sentence: Sentence) -> str:
    start, end = sentence.span(token)
    clause = " " * start + sentence.folded[start:end]
    online, *others = PEOPLE_METRICS
    if online.words.search(clause):
        return online.metric
    return nearest(tuple(others), clause, token) or "people"
