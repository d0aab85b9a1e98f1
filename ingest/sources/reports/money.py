"""What money costs, saves or pays for."""

from __future__ import annotations

import re

from ingest.sources.reports.measure import Measure, is_change, is_reporter, nearest
from ingest.sources.reports.measures import MONEY_METRICS, STOP_WORDS
from ingest.sources.reports.sentence import Sentence, noun_phrase
from ingest.sources.reports.subjects import subject_of
from ingest.sources.reports.tokens import Token

PURPOSE = re.compile(
    r" (?:to (?:support|provide|fund|extend|build|develop|improve|help|train|create|run|launch|"
    r"promote|deliver|expand|make|test|buy|cover|replace|move|increase|redesign)|towards|for|to|in|"
    r"on) (?:the |a |an )?(?!\d)"
)
COST_OF = re.compile(r"\bcosts? (?:of|for|per) (?:the |a |an |each |every )?", re.I)
UNDERTAKING = re.compile(
    r"(?:the |this |its )?(?:programme|project|campaign|contract|tender|initiative|roll-?out)", re.I
)
"""What costs money itself, though it takes up what was said before."""
THAT_OF = re.compile(r"\bthat (?:of|for) (?:the |a |an |each |every )?(?=[^,;]*$)", re.I)
"""`The cost of a sale online is 45p, that of one at the counter £1.20`."""
COST_NOUN = re.compile(
    r"((?:[A-Za-z]+ ){1,3})(costs?|spending)(?=[,;]| (?:of|for|was|were|is|are|fell|rose|have|has|"
    r"had|will|would|associated|by|from|to|in)\b)",
    re.I,
)
SPENT_ON = re.compile(
    r"(?: (?:a|each|every|per) \w+)? on (?:the |a |an |its |their )?(?!average\b|paper\b[.,;])"
)
OTHER_WAY = re.compile(
    r"[^.;,£]{0,30}? (?:on paper|by (?:post|phone|telephone)|offline|face to face|in person)\b"
    r"(?! (?:forms|letters|returns))",
    re.I,
)


def money_of(token: Token, sentence: Sentence) -> Measure | str:
    """The measure of a sum of money, or why there is none."""
    metric = nearest(MONEY_METRICS, sentence.masked(token), token)
    if metric == "cost" and OTHER_WAY.match(sentence.folded, token.end):
        return "what the same costs in another way"
    if metric is None:
        return "money, and the rules know no measure in its sentence"
    subject, phrase = _money_subject(metric, token, sentence)
    if is_change(token, sentence):
        metric += "_change"
    return Measure(metric, subject, phrase=phrase)


def _money_subject(
    metric: str, token: Token, sentence: Sentence
) -> tuple[str | None, tuple[int, int] | None]:
    """What the money costs, saves or pays for, and where the text says so."""
    folded = sentence.folded
    if metric == "cost":
        return _what_costs(token, sentence)
    if metric == "savings":
        moved = re.search(r"\bmov(?:e|ing) ((?:\w+ )?services)\b", folded)
        return (moved[1] if moved else None), None
    for match in PURPOSE.finditer(folded, token.end):
        phrase = noun_phrase(folded, match.end())
        if phrase is not None:
            return phrase.text, (phrase.start, phrase.end)
    return None, None


def _what_costs(token: Token, sentence: Sentence) -> tuple[str | None, tuple[int, int] | None]:
    """`Printing costs were £4`, `the cost of each form`; for what `spent £4 on` was spent."""
    folded = sentence.folded
    before = folded[: token.start]
    of = THAT_OF.search(before) or COST_OF.search(before)
    spent = SPENT_ON.match(folded, token.end) if re.search(r"\bsp[ae]n[dt]", before) else None
    for match in (of, spent):
        phrase = sentence.phrase_at(match.end()) if match is not None else None
        if phrase is not None:
            return phrase.text, (phrase.start, phrase.end)
    costs = COST_NOUN.search(before)
    words = costs[1].split() if costs else []
    while words and STOP_WORDS.intersection(word.casefold() for word in words):
        del words[0]
    if costs is not None and words:
        return " ".join([*words, costs[2]]), None
    subject = subject_of(token, sentence)
    said = subject.phrase if subject is not None else None
    if subject is None or said is None or is_reporter(said, sentence):
        return None, None
    if subject.is_anaphor and not UNDERTAKING.fullmatch(said.text):
        return None, None
    return said.text, (said.start, said.end)
