"""What a count counts, and of what it is a change."""

from __future__ import annotations

import re

from ingest.sources.reports.kinds import NounPhrase
from ingest.sources.reports.measure import MORE, Measure, compared_with, is_change, nearest
from ingest.sources.reports.measures import COUNT_NOUNS, PEOPLE_METRICS
from ingest.sources.reports.sentence import HEDGE, Sentence
from ingest.sources.reports.subjects import subject_of
from ingest.sources.reports.tokens import Token
from ingest.sources.reports.wording import CHANGE

NUMBER_ENDS = re.compile(
    r"(?=[.,;)]|$| (?:in|by|from|to|during|at|over|since|compared|against|up|down|and|per|"
    r"a (?:year|month|week|day)|each|every|between|on|last|this|higher|lower|more|fewer)\b)"
)
"""What follows a number that counts the words before it: `calls fell by 12,000 in 2013`."""


def count_of(token: Token, sentence: Sentence) -> Measure | str:
    """The measure of a count, by the noun that it counts, or why there is none."""
    before = sentence.folded[: token.start]
    phrase = counted_by(token, sentence)
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
    more = MORE.match(subject)
    if more is not None and (more[1].casefold() != "more" or re.search(r"\bthan\b", after)):
        metric, subject = f"{metric}_change", subject[more.end() :]
    return Measure(metric, subject, phrase=(phrase.start, phrase.end))


def counted_by(token: Token, sentence: Sentence) -> NounPhrase | None:
    """The noun that a number counts, with the words between; an exemplar takes its noun along."""
    phrase = sentence.phrase_at(token.end)
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
    main = compared_with(token, sentence)
    if main is not None and main.shape == "count" and counted_by(main, sentence) is not None:
        return count_of(main, sentence)
    follows_count = re.search(rf"\bfrom {HEDGE}", before)
    if follows_count and CHANGE.search(before):
        earlier = [n for n in sentence.numbers if n.end <= token.start and n.shape == "count"]
        if earlier and counted_by(earlier[-1], sentence) is not None:
            return count_of(earlier[-1], sentence)
    if re.search(r"\btotal of $", before):
        earlier = [n for n in sentence.numbers if n.end <= token.start and n.shape == "count"]
        phrase = counted_by(earlier[-1], sentence) if earlier else None
        if phrase is not None:
            span = (phrase.start, phrase.end)
            return Measure(f"{COUNT_NOUNS[phrase.noun]}_available", phrase.text, phrase=span)
    subject = subject_of(token, sentence)
    said = subject.phrase if subject is not None else None
    if (
        said is not None
        and said.noun in COUNT_NOUNS
        and NUMBER_ENDS.match(sentence.folded, token.end)
    ):
        metric = COUNT_NOUNS[said.noun]
        if metric == "people":
            metric = _people(token, sentence)
        metric += "_change" if is_change(token, sentence) else ""
        return Measure(metric, said.text, phrase=(said.start, said.end))
    return "a count, and the rules know no noun that it counts"


def _people(token: Token, sentence: Sentence) -> str:
    start, end = sentence.span(token)
    clause = " " * start + sentence.folded[start:end]
    online, *others = PEOPLE_METRICS
    if online.words.search(clause):
        return online.metric
    return nearest(tuple(others), clause, token) or "people"


def change_of_count(token: Token, sentence: Sentence) -> Measure | None:
    """`Applications rose by 14%`, `14% fewer calls`: a change of what is counted."""
    more = MORE.match(sentence.folded, token.end + 1)
    subject = None if more is not None else subject_of(token, sentence)
    phrase = subject.phrase if subject is not None else None
    if more is not None:
        phrase = sentence.phrase_at(more.end())
    if phrase is None or phrase.noun not in COUNT_NOUNS:
        return None
    metric = f"{COUNT_NOUNS[phrase.noun]}_change"
    return Measure(metric, phrase.text, phrase=(phrase.start, phrase.end))
