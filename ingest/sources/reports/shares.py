"""What a share measures, and whose: by what it is a share of, or what its clause is about."""

from __future__ import annotations

import re

from ingest.sources.reports.counts import change_of_count, counted_by
from ingest.sources.reports.kinds import NounPhrase
from ingest.sources.reports.measure import (
    Measure,
    base_of,
    compared_with,
    is_change,
    is_reporter,
    nearest,
)
from ingest.sources.reports.measures import COUNT_NOUNS, NOT_USERS, SHARE_METRICS, USERS
from ingest.sources.reports.sentence import Sentence
from ingest.sources.reports.subjects import BREAK, MOVED, VERB, Subject, subject_of
from ingest.sources.reports.tokens import Token

TAKE_UP_OF = re.compile(
    r"\b(?:take[ -]?up|up-?take)(?: rates?| levels?| figures?)? (?:of|for|among) "
    r"(?:the |its |our |their )*",
    re.I,
)
TAKE_UP_WORD = re.compile(r"\b(?:take[ -]?up|up-?take)\b", re.I)
NAMED_TAKE_UP = re.compile(
    r"\b((?:[A-Z][\w'-]+ )(?:[\w'-]+ ){0,3}?)(?:digital |online )?(?:take[ -]?up|up-?take)\b"
)
ADJACENT = 12
"""Characters between a number and the take-up that it directly belongs to."""
NOT_OWNERS = frozenset("the this that digital online overall its their our an a in by".split())
OWN_SUBJECT = frozenset(
    "digital_take_up digital_enablement completion_rate user_satisfaction paper_share "
    "phone_share".split()
)
"""Shares that mean nothing unless one knows of which service."""
TRANSACTIONS = frozenset(
    "applications claims bookings registrations renewals returns transactions payments orders "
    "submissions requests licences permits certificates passports visas forms enquiries "
    "sales notifications nominations appeals declarations checks tests appointments visits".split()
)
"""What is taken up online where no register knows the service: its own words name it."""
OPENING = re.compile(
    r"(?:(?:over|around|about|nearly|almost|some|only|just|more than|at least|up to|under) )*", re.I
)
"""Words that may be between the beginning of a clause and its number."""
DEED = re.compile(
    r"(?P<what> (?:who|that) [^,;()%]{3,60}?)"
    r"(?= (?:did|do) (?:so|this|it) | online| digitally"
    r"| (?:used?|chose|opted|went|came|by|through) )",
    re.I,
)
"""What the people did of whom a share did it digitally."""
ONLINE_FOR = re.compile(
    r"\b(?:digital|online) (?:services?|channels?|forms?) (?:for|of|to) (?:the |their |an? )?", re.I
)
DID = re.compile(r"(?P<what> [^,;()%]{3,60}?),")
"""What the people did who were counted: `7 million people applied to vote, half of them online`."""
ANYONE = frozenset("users applicants customers claimants respondents them".split())
"""Those of whom a sentence means the service that was named before."""
THE_SERVICE = re.compile(
    r"\b(?:the|this) (?:new |online |digital )*(?:service|scheme|system)\b", re.I
)


def share_of(token: Token, sentence: Sentence) -> Measure | str:
    """The measure of a percentage, a fraction or a majority, or why there is none."""
    main = compared_with(token, sentence)
    if main is not None:
        measure = share_of(main, sentence)
        if isinstance(measure, str) or not measure.metric.endswith("_change"):
            return measure
    base = base_of(token, sentence)
    metric = _share_metric(token, sentence, base)
    changes = token.unit == "percentage_point" or is_change(token, sentence)
    if metric is None:
        counted = change_of_count(token, sentence) if changes and base is None else None
        return counted or "a share, and the rules know no measure in its sentence"
    if changes and token.unit == "ratio" and not TAKE_UP_WORD.search(sentence.folded):
        counted = change_of_count(token, sentence)
        if counted is not None and metric == "digital_take_up":
            return counted
    if changes:
        metric += "_change"
    if base is None:
        return _without_base(metric, token, sentence)
    if base.noun == "these":
        return _of_counted(metric, token, sentence) or Measure(
            metric, sentence.counted, scope=base.text.split()[0]
        )
    if metric.removesuffix("_change") in OWN_SUBJECT:
        return _of_base(metric, base, sentence)
    return Measure(metric, base.text, phrase=(base.start, base.end))


def _share_metric(token: Token, sentence: Sentence, base: NounPhrase | None) -> str | None:
    """The metric of a share: where its clause says what is done by whom, by that clause alone."""
    if base is not None:
        own = _own_clause(token, sentence)
        metric = nearest(SHARE_METRICS, own, token)
        if metric is not None or re.search(r"\w", own[base.end :]):
            return metric
    text = sentence.masked(token)
    further = BREAK.search(text, token.end)
    near = text[: further.start()] if further is not None else text
    whole = nearest(SHARE_METRICS, near, token) or nearest(SHARE_METRICS, text, token)
    return whole or nearest(SHARE_METRICS, sentence.folded, token)


def _own_clause(token: Token, sentence: Sentence) -> str:
    """The sentence with all blanked but a number's clause, which ends where another number
    opens the next: `90% of claims are made online and 3 in 10 claimants needed help`."""
    text = sentence.masked(token)
    start, end = sentence.span(token)
    for match in BREAK.finditer(text, start, end):
        for number in sentence.numbers:
            if OPENING.fullmatch(text, match.end(), number.start):
                if number.start <= token.start:
                    start = match.end()
                else:
                    end = min(end, match.start())
    return " " * start + text[start:end]


def _of_counted(metric: str, token: Token, sentence: Sentence) -> Measure | None:
    """A share of what the same sentence counted: `88,000 claims, a third of them online`."""
    for number in reversed(sentence.numbers):
        if number.end > token.start or number.shape != "count":
            continue
        phrase = counted_by(number, sentence)
        if phrase is None:
            continue
        span = (phrase.start, phrase.end)
        if phrase.noun in TRANSACTIONS or sentence.mentions_in(*span):
            return Measure(metric, phrase.text, phrase=span)
        deed = DID.match(sentence.folded, phrase.end, token.start)
        if phrase.noun in USERS and deed is not None:
            return Measure(metric, phrase.text + deed["what"], None, (span[0], deed.end()), True)
    return None


def _of_base(metric: str, base: NounPhrase, sentence: Sentence) -> Measure | str:
    """A service's share by what it is a share of: transactions, or users of something."""
    said = re.compile(r"[^,;()]{0,60}").match(sentence.folded, base.start)
    if NOT_USERS.match(f"{base.noun} ") or (said and NOT_USERS.match(said.group())):
        return f"a share of {base.text}: not the take-up of a service"
    if base.noun not in USERS:
        return Measure(metric, base.text, phrase=(base.start, base.end), is_bound=True)
    deed = DEED.match(sentence.folded, base.end)
    if deed is not None and not sentence.mentions_in(deed.start(), deed.end()):
        words = f"{base.text}{deed['what']}"
        return Measure(metric, words, phrase=(base.start, deed.end("what")), is_bound=True)
    service = ONLINE_FOR.search(sentence.folded, base.end)
    phrase = sentence.phrase_at(service.end()) if service is not None else None
    if phrase is not None:
        return Measure(metric, phrase.text, phrase=(phrase.start, phrase.end), is_bound=True)
    is_bound = base.noun not in ANYONE and not THE_SERVICE.search(sentence.folded)
    return Measure(metric, None, base.text, (base.start, base.end), is_bound)


def _without_base(metric: str, token: Token, sentence: Sentence) -> Measure | str:
    """A share that does not say of what: `take-up of permits rose to 41%` says it before."""
    subject = subject_of(token, sentence)
    if metric.removesuffix("_change") not in OWN_SUBJECT:
        said = subject.phrase if subject is not None and not subject.is_anaphor else None
        is_counted = said is not None and said.noun in COUNT_NOUNS
        return Measure(metric, said.text if said and is_counted else None)
    folded = sentence.folded
    owner: NounPhrase | None = None
    for match in TAKE_UP_OF.finditer(folded):
        phrase = sentence.phrase_at(match.end())
        if phrase is not None and match.start() - token.end <= ADJACENT:
            owner = phrase
    if owner is not None:
        return Measure(metric, owner.text, phrase=(owner.start, owner.end), is_bound=True)
    named = NAMED_TAKE_UP.search(folded)
    if named is not None and _is_owner(named[1]):
        return Measure(metric, named[1].strip())
    return _of_subject(metric, subject, token, sentence)


def _is_owner(words: str) -> bool:
    """Whether words before `take-up` may say whose it is: no article, and nobody raising it."""
    is_deed = VERB.search(words) or MOVED.search(f"{words.strip()} it to")
    return words.split()[0].casefold() not in NOT_OWNERS and is_deed is None


def _of_subject(
    metric: str, subject: Subject | None, token: Token, sentence: Sentence
) -> Measure | str:
    """A service's share by what its clause is about, where that is more than who reports it."""
    phrase = subject.phrase if subject is not None else None
    if subject is None or phrase is None or subject.is_anaphor or is_reporter(phrase, sentence):
        counted = _of_counted(metric, token, sentence) if phrase is None else None
        return counted or Measure(metric, None)
    for number in sentence.numbers:
        if number.start < phrase.end and phrase.start < number.end:
            if number.unit == token.unit:
                return share_of(number, sentence)
            counted = _of_counted(metric, token, sentence)
            return counted or f"{metric} of {phrase.text}: no register knows it"
    if sentence.mentions_in(phrase.start, phrase.end):
        return Measure(metric, phrase.text, phrase=(phrase.start, phrase.end), is_bound=True)
    if phrase.noun in TRANSACTIONS:
        return Measure(metric, phrase.text, phrase=(phrase.start, phrase.end), is_bound=True)
    return f"{metric} of {phrase.text}: no register knows it"
