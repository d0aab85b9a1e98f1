"""From a number in its sentence to a claim, by the rules in `measures`."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from decimal import Decimal
from itertools import pairwise

from ingest.sources.reports.dating import when
from ingest.sources.reports.document import Claim, ClaimKind, Direction, slug
from ingest.sources.reports.measure import Measure, base_of
from ingest.sources.reports.measures import (
    ALWAYS_OUTCOME,
    CARRIED,
    WITHOUT_SERVICE,
    Pattern,
)
from ingest.sources.reports.measuring import measure_of
from ingest.sources.reports.sentence import HEDGE, Sentence, is_moved_up, is_range
from ingest.sources.reports.shares import OWN_SUBJECT
from ingest.sources.reports.subjects import VERB, has_own_subject
from ingest.sources.reports.tokens import Token
from ingest.sources.reports.wording import (
    ADVERBS,
    CHANGE,
    ESTIMATE,
    INTENDED,
    NEGATED_AFTER,
    NEGATED_BEFORE,
    PER,
    PER_BEFORE,
    PLACE,
    PRESENT,
    QUALIFIERS,
    SCOPES,
    SCOPES_OF_SHARES,
    SINCE,
)

LEADING = frozenset("for of in on onto through via under".split())
CLAIM_TO = re.compile(r"\b(?:claims?|applications?|changes|subscriptions?) to (?:the )?$", re.I)
PREPOSITION = re.compile(
    r"\b(?:for|of|in|on|onto|through|via|to|from|with|by|at|into|about|between|under)\b", re.I
)
TAKE_UP_TO = re.compile(rf"\b(?:take[- ]?up|uptake) to {HEDGE}", re.I)
TO = re.compile(rf"(?:(?<!up )\bto|\btake[- ]?up to) {HEDGE}", re.I)
TOGETHER = re.compile(r",? (?:and|or|&) (?:the )?|, ")
ITS_COST = re.compile(rf"\bcosts? {HEDGE}", re.I)
"""`It cost £4`: something did, and not the department."""
DIRECTLY = re.compile(rf" \(?{HEDGE}", re.I)
FALL = re.compile(r"\b(?:fell|fall(?:s|en|ing)?|drop(?:s|ped)?|reduc|decreas|declin|cut)", re.I)
ARTICLE = re.compile(r"\b(?:the|its|their|our|this|an?) $", re.I)
"""Before a target: `above the 90% target` is not a target of above 90%."""
UNCHANGED = re.compile(r"\b(?:change|changed|unchanged|same) $", re.I)
"""Before `since 2013`: what follows is a comparison, and not the time that a figure covers."""
MAXIMUM_LEAD = 80
"""Characters between a number and the name of the service that it is about, which follows it."""
SAID_OF_PEOPLE = frozenset("people citizens residents adults whom".split())


def claim_of(
    token: Token, sentence: Sentence, *, document: str, ordinal: int, line: int
) -> Claim | str:
    """The claim that a number makes, or the reason why the rules cannot tell."""
    measure = measure_of(token, sentence)
    if isinstance(measure, str):
        return measure
    service = _service(token, sentence, measure)
    doubt = _doubt(token, sentence, measure.metric, service)
    if doubt is not None:
        return doubt
    subject, subject_kind = _subject(measure, service, token, sentence)
    if subject is None:
        return f"{measure.metric} of what? No registered service and no noun says it"
    direction = _direction(token, sentence)
    kind = _claim_kind(token, sentence, measure.metric, direction)
    period, due_on = when(token, sentence, kind, direction)
    qualifier, value, unit = _value(token, sentence)
    section = sentence.section
    return Claim(
        figure_id=f"{document}:{section.key}:{slug(subject)}:{measure.metric}",
        passage=_passage(token, sentence, ordinal),
        metric=measure.metric,
        subject=subject,
        subject_kind=subject_kind,
        service_id=service,
        scope=_scope(measure, token, sentence),
        period=period,
        due_on=due_on,
        qualifier=qualifier,
        value=value,
        unit=unit,
        resolution=token.resolution,
        per=_per(token, sentence, measure),
        direction=direction,
        claim_kind=kind,
        is_estimate=bool(ESTIMATE.search(sentence.folded, 0, token.start)),
        line=line,
        text=token.text,
        section=section,
    )


def _doubt(token: Token, sentence: Sentence, metric: str, service: str | None) -> str | None:
    """Why a figure can't be what its words measure: it is denied, it is of several services
    together, or no share can be that much."""
    if "respectively" in sentence.folded:
        return "respectively: which of them?"
    if token.unit in ("ratio", "percentage_point") and _is_shared(service, sentence):
        return "a share of several services together"
    is_share = not metric.endswith("_change") or FALL.search(sentence.folded) is not None
    if is_share and token.unit == "ratio" and token.value is not None and token.value > 1:
        return "a share of more than the whole"
    if sentence.is_named_target(token) or metric == "services_without_digital_option":
        return None
    start, end = sentence.span(token)
    earlier = [n.end for n in sentence.numbers if n.end <= token.start]
    later = [n.start for n in sentence.numbers if n.start >= token.end]
    before = sentence.folded[max([start, *earlier]) : token.start]
    after = sentence.folded[token.end : min([end, *later])]
    if NEGATED_BEFORE.search(before):
        return "denied by the words before it"
    if token.unit == "ratio" and NEGATED_AFTER.search(after):
        return "said of those who do not, or denied by the words after it"
    return None


def _is_shared(service: str | None, sentence: Sentence) -> bool:
    """Whether a service is named in one breath with another: `rod licences and pet passports`."""
    for first, second in pairwise(sentence.mentions):
        between = sentence.folded[first.end : second.start]
        pair = {first.service_id, second.service_id}
        if service in pair and len(pair) > 1 and TOGETHER.fullmatch(between):
            return True
    return False


def _service(token: Token, sentence: Sentence, measure: Measure) -> str | None:
    """The registered service that a claim is about.

    In order: one named directly before a share (`pet passports 20%`); one named in the claim's
    own noun phrase; one that follows the number, led to by
    for, of, in, through; the last one before it in the sentence; for some metrics, the last of the
    sentence before.
    """
    metric = measure.metric.removesuffix("_change")
    if metric in WITHOUT_SERVICE:
        return None
    if token.unit == "ratio" and base_of(token, sentence) is None:
        for mention in sentence.mentions:
            if DIRECTLY.fullmatch(sentence.folded, mention.end, token.start):
                return mention.service_id
    if measure.phrase is not None:
        start, end = measure.phrase
        for mention in sentence.mentions:
            if mention.start < end and start < mention.end:
                return mention.service_id
    if metric == "cost":
        return _carried(token, sentence, measure)
    later = [n.start for n in sentence.numbers if n.start > token.end + 3]
    limit = min([*later, len(sentence.folded)])
    for mention in sentence.mentions:
        between = sentence.folded[token.end : mention.start]
        if token.end <= mention.start < limit and _leads_to(between):
            return mention.service_id
    earliest = measure.phrase[0] if measure.is_bound and measure.phrase else 0
    earlier = [m for m in sentence.mentions if earliest <= m.start and m.end <= token.start]
    if earlier:
        return earlier[-1].service_id
    return _carried(token, sentence, measure)


def _carried(token: Token, sentence: Sentence, measure: Measure) -> str | None:
    """The one service of the sentence before, where this one only takes it up (`it received`)."""
    begin = min(token.start, measure.phrase[0]) if measure.phrase is not None else token.start
    metric = measure.metric.removesuffix("_change")
    is_carried = metric in CARRIED and not measure.is_bound
    is_carried = is_carried and not (metric == "cost" and measure.subject)
    named_before = {mention.service_id for mention in sentence.previous}
    if is_carried and len(named_before) == 1 and not has_own_subject(begin, sentence):
        return named_before.pop()
    return None


def _leads_to(between: str) -> bool:
    """Whether the words between a number and a service's name make it the number's own."""
    words = PREPOSITION.findall(between)
    return (
        len(between) <= MAXIMUM_LEAD
        and bool(words)
        and (words[-1].casefold() in LEADING or CLAIM_TO.search(between) is not None)
        and re.search(r"[,;()]|\band\b", between) is None
    )


def _subject(
    measure: Measure, service: str | None, token: Token, sentence: Sentence
) -> tuple[str | None, str]:
    registers = sentence.registers
    metric = measure.metric.removesuffix("_change")
    if token.shape == "money":
        subject = measure.subject or (registers.service_names.get(service) if service else None)
        is_its_own = ITS_COST.search(sentence.folded[: token.start]) is not None
        if subject is None and sentence.section.department_id is not None and not is_its_own:
            subject = sentence.section.department
        return subject, "money"
    is_own = metric in OWN_SUBJECT or metric.startswith("target_")
    if service is not None and (is_own or measure.subject is None):
        return registers.service_names[service], registers.service_kinds.get(service, "service")
    if measure.subject is None:
        return None, "thing"
    words = measure.subject.casefold().split()
    if SAID_OF_PEOPLE.intersection(words) or metric.startswith("people") or "staff" in words:
        return measure.subject, "people"
    for kind in ("services", "departments", "organisations"):
        if kind in words:
            return measure.subject, kind
    return measure.subject, "thing"


def _direction(token: Token, sentence: Sentence) -> Direction:
    before = sentence.before(token)
    has_change = (
        CHANGE.search(sentence.folded)
        or TAKE_UP_TO.search(before)
        or any(is_moved_up(number, sentence) for number in sentence.numbers)
    )
    if token.shape == "universal" or is_range(token, sentence) or not has_change:
        return "none"
    if re.search(rf"\bfrom {HEDGE}", before):
        return "from"
    is_end = token.shape != "count" or _ends_move(token, sentence)
    if is_moved_up(token, sentence) or (is_end and TO.search(before)):
        return "to"
    following = [n for n in sentence.numbers if n.start > token.start]
    if following and re.search(
        r"\b(?:up|down) from (?:\w+ )?$", sentence.folded[token.end : following[0].start]
    ):
        return "to"
    return "none"


def _ends_move(token: Token, sentence: Sentence) -> bool:
    """Whether a count is the second of `from 40,000 to 28,000`."""
    earlier = [n for n in sentence.numbers if n.end <= token.start and n.unit == token.unit]
    lead = sentence.folded[: earlier[-1].start] if earlier else ""
    return re.search(rf"\bfrom {HEDGE}", lead) is not None


def _claim_kind(token: Token, sentence: Sentence, metric: str, direction: Direction) -> ClaimKind:
    if metric in ALWAYS_OUTCOME or direction == "from":
        return "outcome"
    if sentence.is_named_target(token):
        return "target"
    start, end = sentence.span(token)
    if PRESENT.search(sentence.folded, start, end):
        return "outcome"
    if _is_intended(token, sentence, start, end):
        return "target"
    if sentence.section.kind in ("commitment", "plan") or sentence.is_listed:
        return "target"
    return "outcome"


def _is_intended(token: Token, sentence: Sentence, start: int, end: int) -> bool:
    """Whether a figure is meant to be: by words before it, or by the verb that follows it."""
    if INTENDED.search(sentence.folded, start, token.start):
        return True
    later = INTENDED.search(sentence.folded, token.end, end)
    if later is None or " that " in sentence.folded[token.end : later.start()]:
        return False
    verbs = VERB.findall(sentence.folded, token.end, later.start())
    return all(verb.endswith("ing") for verb in verbs)


def _value(token: Token, sentence: Sentence) -> tuple[str, Decimal | None, str]:
    if token.shape in ("universal",):
        return "exact", Decimal(1), "ratio"
    if token.shape == "single":
        return "exact", Decimal(1), "count"
    if token.shape == "quantity_word":
        word = token.text.casefold()
        if word in ("majority", "minority"):
            return ("over" if word == "majority" else "under"), Decimal("0.5"), "ratio"
        return word, None, "count"
    ranged = is_range(token, sentence)
    if ranged is not None:
        return ranged, token.value, token.unit or "count"
    before = sentence.before(token)
    if sentence.is_named_target(token) and ARTICLE.search(before):
        return "exact", token.value, token.unit or "count"
    if is_moved_up(token, sentence):
        return "exact", token.value, token.unit or "count"
    before = re.sub(r"\b(?:just|well|only|another|an?|the) $", "", before)
    for name, words in QUALIFIERS:
        if words.search(before):
            return name, token.value, token.unit or "count"
    return "exact", token.value, token.unit or "count"


def _per(token: Token, sentence: Sentence, measure: Measure) -> str | None:
    """What a figure is counted by, after it and its noun, or where the sentence begins."""
    counted = sentence.phrase_at(token.end)
    ends = [token.end, *([counted.end] if counted is not None else [])]
    if measure.phrase is not None and measure.phrase[0] >= token.end:
        ends.append(measure.phrase[1])
    later = [n for n in sentence.numbers if n.start > token.start and n.shape == token.shape]
    if later and re.fullmatch(r" (?:and|to) ", sentence.folded[token.end : later[0].start]):
        ends.append(later[0].end)
    for end in reversed(ends):
        match = PER.match(sentence.folded, end)
        if match is not None:
            said = match["span"] or match["unit"] or match["slash"] or ADVERBS[match["adverb"]]
            return said.casefold()
    first = PER_BEFORE.match(sentence.folded)
    return first["span"].casefold() if first is not None and token.unit == "count" else None


def _scope(measure: Measure, token: Token, sentence: Sentence) -> str | None:
    """The part that a claim covers: a share's users, place or time, else what its words say."""
    if token.shape == "universal":
        return measure.scope
    start, end = sentence.span(token)
    wide = 0 if sentence.bracket(token) else start
    is_share = token.unit == "ratio"
    part = _first_of(SCOPES_OF_SHARES, sentence.folded, wide, end) if is_share else None
    scope = part or measure.scope or _first_of(SCOPES, sentence.folded, wide, end)
    if scope is None and is_share:
        later = [n.start for n in sentence.numbers if n.start >= token.end]
        scope = _first_of((PLACE,), sentence.folded, token.end, min([*later, end]))
        if scope is None and start == wide:
            scope = _first_of((PLACE,), sentence.folded, start, token.start)
    since = SINCE.search(sentence.folded, start, end)
    if since is None or UNCHANGED.search(sentence.folded[: since.start()]):
        return scope
    return scope or f"since {since[1]}"


def _first_of(patterns: Iterable[Pattern], text: str, start: int, end: int) -> str | None:
    matches = (pattern.search(text, start, end) for pattern in patterns)
    return next((match[1] for match in matches if match is not None), None)


def _passage(token: Token, sentence: Sentence, ordinal: int) -> str:
    """A digest of the sentence and its section, in which other numbers do not count: a claim is
    the same while its own figure and words are."""
    section = sentence.section
    letters = list(sentence.folded)
    for other in sentence.tokens:
        if other.start != token.start:
            letters[other.start : other.end] = "#" * (other.end - other.start)
    said = "".join(letters).casefold()
    words = re.findall(r"[a-z0-9%]+", re.sub(r"#+", " ", said))
    place = (section.department_id or "", section.kind or "", str(section.year or ""))
    content = "|".join((*place, " ".join(words), str(ordinal)))
    return hashlib.sha256(content.encode()).hexdigest()[:16]
