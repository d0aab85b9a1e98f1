"""What a number measures and of what, by the words of its sentence that are nearest to it."""

from __future__ import annotations

import re

from ingest.sources.reports.counts import count_of
from ingest.sources.reports.kinds import counted_phrase
from ingest.sources.reports.measure import Measure, nearest
from ingest.sources.reports.measures import FEATURES
from ingest.sources.reports.money import money_of
from ingest.sources.reports.sentence import Sentence
from ingest.sources.reports.shares import share_of
from ingest.sources.reports.tokens import Token


def measure_of(token: Token, sentence: Sentence) -> Measure | str:
    """Metric and subject by the shape of a number and the words around it, or why not."""
    if token.shape in ("percent", "fraction", "quantity_word"):
        return share_of(token, sentence)
    if token.shape == "money":
        return money_of(token, sentence)
    if token.shape == "universal":
        return _universal(token, sentence)
    if token.shape == "single":
        return count_of(token, sentence)
    if token.shape == "duration":
        return _timing(token, sentence)
    return count_of(token, sentence)


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
