"""What a number measures and of what, by the words of its sentence that are nearest to it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ingest.sources.reports.kinds import NounPhrase, counted_phrase
from ingest.sources.reports.measures import (
    COUNT_NOUNS,
    FEATURES,
    MONEY_METRICS,
    NOT_USERS,
    PEOPLE_METRICS,
    SHARE_METRICS,
    STOP_WORDS,
    USERS,
    MetricRule,
)
from ingest.sources.reports.sentence import HEDGE, Sentence, noun_phrase
from ingest.sources.reports.subjects import BREAK, MOVED, VERB, Subject, subject_of
from ingest.sources.reports.tokens import Token
from ingest.sources.reports.wording import CHANGE, CHANGE_BY, CHANGE_OF, CHANGED_BY, COMPARED

COMMA = 40
"""Characters that a comma counts for where words are sought near a number."""
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
    "notifications nominations appeals declarations checks tests appointments visits".split()
)
"""What is taken up online where no register knows the service: its own words name it."""
REPORTER = re.compile(
    r"^(?:it|they|we|this|these|there|that)$|\b(?:departments?|agenc(?:y|ies)|teams?|offices?|"
    r"government|ministry|take(?:[ -]?up)?|uptake|satisfaction|completion(?: rate)?|service|"
    r"target)$",
    re.I,
)
PURPOSE = re.compile(
    r" (?:to (?:support|provide|fund|extend|build|develop|improve|help|train|create|run|launch|"
    r"promote|deliver|expand|make|test|buy|cover|replace|move|increase|redesign)|towards|for|to|in|"
    r"on) (?:the |a |an )?(?!\d)"
)
COST_OF = re.compile(r"\bcosts? (?:of|for|per) (?:the |a |an |each |every )?", re.I)
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
OPENING = re.compile(
    r"(?:(?:over|around|about|nearly|almost|some|only|just|more than|at least|up to|under) )*", re.I
)
"""Words that may be between the beginning of a clause and its number."""
MORE = re.compile(r"(fewer|less|more) ", re.I)
NUMBER_ENDS = re.compile(
    r"(?=[.,;)]|$| (?:in|by|from|to|during|at|over|since|compared|against|up|down|and|per|a year|"
    r"each|every|between|on|last|this|higher|lower|more|fewer)\b)"
)
"""What follows a number that counts the words before it: `calls fell by 12,000 in 2013`."""
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
    return sentence.phrase_at(skip.end())


def _share(token: Token, sentence: Sentence) -> Measure | str:
    main = compared_with(token, sentence)
    if main is not None:
        measure = measure_of(main, sentence)
        if isinstance(measure, str) or not measure.metric.endswith("_change"):
            return measure
    base = base_of(token, sentence)
    metric = _share_metric(token, sentence, base)
    is_change = token.unit == "percentage_point" or _is_change(token, sentence)
    if metric is None:
        counted = _change_of_count(token, sentence) if is_change and base is None else None
        return counted or "a share, and the rules know no measure in its sentence"
    if is_change and token.unit == "ratio" and not TAKE_UP_WORD.search(sentence.folded):
        counted = _change_of_count(token, sentence)
        if counted is not None and metric == "digital_take_up":
            return counted
    if is_change:
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
        phrase = _counted(number, sentence)
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
    if subject is None or phrase is None or subject.is_anaphor or _is_reporter(phrase, sentence):
        counted = _of_counted(metric, token, sentence) if phrase is None else None
        return counted or Measure(metric, None)
    for number in sentence.numbers:
        if number.start < phrase.end and phrase.start < number.end:
            if number.unit == token.unit:
                return measure_of(number, sentence)
            counted = _of_counted(metric, token, sentence)
            return counted or f"{metric} of {phrase.text}: no register knows it"
    if sentence.mentions_in(phrase.start, phrase.end):
        return Measure(metric, phrase.text, phrase=(phrase.start, phrase.end), is_bound=True)
    if phrase.noun in TRANSACTIONS:
        return Measure(metric, phrase.text, phrase=(phrase.start, phrase.end), is_bound=True)
    return f"{metric} of {phrase.text}: no register knows it"


def _is_reporter(phrase: NounPhrase, sentence: Sentence) -> bool:
    """Whether words name who reports (a department, `the team`) or only the measure itself."""
    if sentence.registers.department(phrase.text) is not None:
        return True
    return REPORTER.search(phrase.text) is not None or phrase.text.isupper()


def _change_of_count(token: Token, sentence: Sentence) -> Measure | None:
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


def compared_with(token: Token, sentence: Sentence) -> Token | None:
    """The earlier number that this one is held against: `64%, compared with 47% in 2014`,
    `above the 60% target`."""
    before = sentence.folded[: token.start]
    is_held_against = COMPARED.search(before) or sentence.is_named_target(token)
    if not is_held_against or base_of(token, sentence):
        return None
    earlier = [n for n in sentence.numbers if n.end <= token.start and n.unit == token.unit]
    return earlier[-1] if earlier else None


def _is_change(token: Token, sentence: Sentence) -> bool:
    before = sentence.folded[: token.start]
    if re.search(rf",? or {HEDGE}", before):
        earlier = [n for n in sentence.numbers if n.end <= token.start]
        return bool(earlier) and _is_change(earlier[-1], sentence)
    return bool(
        CHANGED_BY.match(sentence.folded, token.end)
        or CHANGE_OF.search(before)
        or (CHANGE_BY.search(before) and CHANGE.search(before))
    )


def _money(token: Token, sentence: Sentence) -> Measure | str:
    metric = nearest(MONEY_METRICS, sentence.masked(token), token)
    if metric == "cost" and OTHER_WAY.match(sentence.folded, token.end):
        return "what the same costs in another way"
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
    of = COST_OF.search(before)
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
    said = subject.phrase if subject is not None and not subject.is_anaphor else None
    if said is None or _is_reporter(said, sentence):
        return None, None
    return said.text, (said.start, said.end)


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
    more = MORE.match(subject)
    if more is not None and (more[1].casefold() != "more" or re.search(r"\bthan\b", after)):
        metric, subject = f"{metric}_change", subject[more.end() :]
    return Measure(metric, subject, phrase=(phrase.start, phrase.end))


def _counted(token: Token, sentence: Sentence) -> NounPhrase | None:
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
    if main is not None and main.shape == "count" and _counted(main, sentence) is not None:
        return _count(main, sentence)
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
        metric += "_change" if _is_change(token, sentence) else ""
        return Measure(metric, said.text, phrase=(said.start, said.end))
    return "a count, and the rules know no noun that it counts"


def _people(token: Token, sentence: Sentence) -> str:
    start, end = sentence.span(token)
    clause = " " * start + sentence.folded[start:end]
    online, *others = PEOPLE_METRICS
    if online.words.search(clause):
        return online.metric
    return nearest(tuple(others), clause, token) or "people"
