"""From a number in its sentence to a claim, by the rules in `measures`."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from ingest.sources.reports.document import Claim, ClaimKind, Direction, Period, Section, slug
from ingest.sources.reports.kinds import NounPhrase, counted_phrase
from ingest.sources.reports.measures import (
    ALWAYS_OUTCOME,
    CARRIED,
    CHANGE,
    COUNT_NOUNS,
    ESTIMATE,
    FEATURES,
    INTENDED,
    MONEY_METRICS,
    NOUNS_IN_ING,
    PEOPLE_METRICS,
    PER,
    PRESENT,
    QUALIFIERS,
    SCOPES,
    SHARE_METRICS,
    SINCE,
    STOP_WORDS,
    TARGET_BEFORE,
    WITHOUT_SERVICE,
    MetricRule,
)
from ingest.sources.reports.periods import Dated, periods_in, whole_year
from ingest.sources.reports.registers import Mention, Registers
from ingest.sources.reports.tokens import Token, tokens_of

CLAUSE_END = re.compile(r"; | - |, (?:and|but|whereas|against|compared|up from|down from)\b")
LEADING = frozenset("for of in on onto through via".split())
PREPOSITION = re.compile(
    r"\b(?:for|of|in|on|onto|through|via|to|from|with|by|at|into|about|between)\b", re.I
)
HEDGE = r"(?:(?:around|about|over|under|just|approximately|more|than|nearly|a|an) )*$"
COMMA = 40
"""Characters that a comma counts for where words are sought near a number."""
MAXIMUM_LEAD = 80
"""Characters between a number and the name of the service that it is about, which follows it."""
GENERIC_PEOPLE = frozenset(
    "users applicants customers people claimants respondents candidates callers drivers patients "
    "farmers businesses households parents students taxpayers visitors citizens them".split()
)
PRONOUNS = frozenset("these them those this it which".split())
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
SAID_OF_PEOPLE = frozenset("people citizens residents adults whom".split())


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


@dataclass
class Sentence:
    """One sentence, with what is known around it. Offsets are those of its own text.

    `numbers` are the tokens in it that may be claims. `previous` are the services that the
    sentence before named; `counted` is what the paragraph last counted, for `half of these`. What
    `is_listed` stands in a numbered list: a recommendation, unless its section says otherwise.
    """

    plain: str
    numbers: list[Token]
    mentions: list[Mention]
    previous: list[Mention]
    counted: str | None
    section: Section
    dated_on: date | None
    registers: Registers
    is_listed: bool = False
    dated: list[Dated] = field(default_factory=list)

    def __post_init__(self) -> None:
        if self.numbers:
            self.dated = periods_in(self.plain, year=self.section.year)

    def bracket(self, token: Token) -> tuple[int, int] | None:
        """The brackets around a token, as offsets."""
        opened = self.plain.rfind("(", 0, token.start)
        closed = self.plain.find(")", token.end)
        if opened < 0 or closed < 0 or ")" in self.plain[opened : token.start]:
            return None
        return opened, closed + 1

    def span(self, token: Token) -> tuple[int, int]:
        """The brackets around a token, else its clause."""
        bracket = self.bracket(token)
        if bracket is not None:
            return bracket
        start, end = 0, len(self.plain)
        for match in CLAUSE_END.finditer(self.plain):
            if match.end() <= token.start:
                start = match.end()
            elif match.start() >= token.end:
                end = match.start()
                break
        return start, end

    def masked(self, token: Token) -> str:
        """The sentence with other brackets blanked, or all but the token's own."""
        inside = self.bracket(token)
        if inside is not None:
            return " " * inside[0] + self.plain[inside[0] : inside[1]]
        return re.sub(r"\([^()]*\)", lambda match: " " * len(match.group()), self.plain)


def claim_of(
    token: Token, sentence: Sentence, *, document: str, ordinal: int, line: int
) -> Claim | str:
    """The claim that a number makes, or the reason why the rules cannot tell."""
    measure = measure_of(token, sentence)
    if isinstance(measure, str):
        return measure
    service = _service(token, sentence, measure)
    subject, subject_kind = _subject(measure, service, token, sentence)
    if subject is None:
        return f"{measure.metric} of what? No registered service and no noun says it"
    direction = _direction(token, sentence)
    kind = _claim_kind(token, sentence, measure.metric, direction)
    period, due_on = _when(token, sentence, kind, direction)
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
        per=_per(token, sentence),
        direction=direction,
        claim_kind=kind,
        is_estimate=bool(ESTIMATE.search(sentence.plain, 0, token.start)),
        line=line,
        text=token.text,
        section=section,
    )


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
    """The metric whose words stand nearest to a number; on a tie the rule that comes first.

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


def noun_phrase(plain: str, start: int, *, most: int = 6) -> NounPhrase | None:
    """Up to `most` words from an offset, ended by punctuation, a number or a stop word."""
    words: list[re.Match[str]] = []
    finder = re.compile(r" ?([A-Za-z][\w'-]*)")
    at = start
    while len(words) < most:
        match = finder.match(plain, at)
        if match is None or match[1].casefold() in STOP_WORDS:
            break
        if words and match[1].casefold() in ("online", "digitally"):
            break
        if words and _is_participle(match[1], after=words[-1][1].casefold()):
            break
        words.append(match)
        at = match.end()
    if not words:
        return None
    first, last = words[0].start(1), words[-1].end(1)
    return NounPhrase(plain[first:last], words[-1][1].casefold(), first, last)


def _is_participle(word: str, *, after: str) -> bool:
    """Whether a word begins what people do (`users booking a visit`), and ends their noun."""
    if not word.islower() or not re.search(r"(?:ing|ed)$", word):
        return False
    return word not in NOUNS_IN_ING or after in GENERIC_PEOPLE


def base_of(token: Token, sentence: Sentence) -> NounPhrase | None:
    """What a share is a share of: `35% of users` is of users."""
    lead = r"\)? of " if not re.search(r" (?:in|out of) ", token.text) else r" (?:of )?"
    skip = re.compile(rf"{lead}(?:all |the |its |our |their )*").match(sentence.plain, token.end)
    if skip is None:
        return None
    pronoun = re.compile(r"(these|them|those)\b(?: services)?").match(sentence.plain, skip.end())
    if pronoun:
        return NounPhrase(pronoun.group(), "these", pronoun.start(), pronoun.end())
    return noun_phrase(sentence.plain, skip.end())


def _share(token: Token, sentence: Sentence) -> Measure | str:
    metric = nearest(SHARE_METRICS, sentence.masked(token), token)
    if metric is None:
        metric = nearest(SHARE_METRICS, sentence.plain, token)
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
    plain = sentence.plain
    owner: NounPhrase | None = None
    for match in TAKE_UP_OF.finditer(plain):
        phrase = noun_phrase(plain, match.end())
        if phrase is not None and match.start() - token.end <= ADJACENT:
            owner = phrase
    if owner is not None:
        return Measure(metric, owner.text, phrase=(owner.start, owner.end), is_bound=True)
    named = NAMED_TAKE_UP.search(plain)
    if named is None or named[1].split()[0].casefold() in NOT_OWNERS:
        return Measure(metric, None)
    return Measure(metric, named[1].strip())


def _base_before(token: Token, sentence: Sentence) -> NounPhrase | None:
    """`35% of users ..., up from 19.2%`: the second is a share of the same whole."""
    earlier = [n for n in sentence.numbers if n.end <= token.start and n.shape == token.shape]
    if not earlier or not re.search(r"\bfrom (?:\w+ )?$", sentence.plain[: token.start]):
        return None
    return base_of(earlier[-1], sentence)


def _is_change(token: Token, sentence: Sentence) -> bool:
    before = sentence.plain[: token.start]
    after = sentence.plain[token.end :]
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
    plain = sentence.plain
    if metric == "cost":
        before = plain[: token.start]
        costs = re.search(r"((?:[A-Za-z]+ ){1,3})(costs?)\b", before)
        words = costs[1].split() if costs else []
        while words and STOP_WORDS.intersection(word.casefold() for word in words):
            del words[0]
        return (" ".join([*words, costs[2]]) if costs and words else None), None
    if metric == "savings":
        moved = re.search(r"\bmov(?:e|ing) ((?:\w+ )?services)\b", plain)
        return (moved[1] if moved else None), None
    purpose = r" (?:to support|to provide|to fund|towards|for|to|in|on) (?:the |a |an )?(?!\d)"
    for match in re.compile(purpose).finditer(plain, token.end):
        phrase = noun_phrase(plain, match.end())
        if phrase is not None:
            return phrase.text, (phrase.start, phrase.end)
    return None, None


def _universal(token: Token, sentence: Sentence) -> Measure | str:
    phrase = counted_phrase(sentence.plain, token)
    if phrase is None:
        return "all of what? The rules do not know the noun"
    masked = sentence.masked(token)
    around = masked[: phrase.start] + " " * (phrase.end - phrase.start) + masked[phrase.end :]
    metric = nearest(FEATURES, around, token)
    if metric == "staff_at_skill_level" and not phrase.text.startswith("staff"):
        metric = None
    return Measure(metric or "applies_to_all", phrase.text, phrase=(phrase.start, phrase.end))


def _timing(token: Token, sentence: Sentence) -> Measure | str:
    after = sentence.plain[token.end :]
    if re.match(r" (?:early|ahead|earlier|sooner)\b", after):
        return Measure("target_met_early", None)
    if re.match(r" (?:late|behind|later)\b", after):
        return Measure("target_missed_by", None)
    return "a stretch of time: planned, taken or promised?"


def _count(token: Token, sentence: Sentence) -> Measure | str:
    before = sentence.plain[: token.start]
    phrase = _counted(token, sentence)
    if phrase is None:
        return _count_without_noun(token, sentence, before)
    metric = COUNT_NOUNS[phrase.noun]
    after = sentence.plain[phrase.end :]
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
    phrase = noun_phrase(sentence.plain, token.end)
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
    clause = " " * start + sentence.plain[start:end]
    online, *others = PEOPLE_METRICS
    if online.words.search(clause):
        return online.metric
    return nearest(tuple(others), clause, token) or "people"


def _service(token: Token, sentence: Sentence, measure: Measure) -> str | None:
    """The registered service that a claim is about.

    In order: one named in the claim's own noun phrase; one that follows the number, led to by
    for, of, in, through; the last one before it in the sentence; for some metrics, the last of the
    sentence before.
    """
    metric = measure.metric.removesuffix("_change")
    if metric in WITHOUT_SERVICE:
        return None
    if measure.phrase is not None:
        start, end = measure.phrase
        for mention in sentence.mentions:
            if mention.start < end and start < mention.end:
                return mention.service_id
    later = [n.start for n in sentence.numbers if n.start > token.end + 3]
    limit = min([*later, len(sentence.plain)])
    for mention in sentence.mentions:
        between = sentence.plain[token.end : mention.start]
        if token.end <= mention.start < limit and _leads_to(between):
            return mention.service_id
    earliest = measure.phrase[0] if measure.is_bound and measure.phrase else 0
    earlier = [m for m in sentence.mentions if earliest <= m.start and m.end <= token.start]
    if earlier:
        return earlier[-1].service_id
    if metric in CARRIED and sentence.previous and not measure.is_bound:
        return sentence.previous[-1].service_id
    return None


def _leads_to(between: str) -> bool:
    """Whether the words between a number and a service's name make it the number's own."""
    words = PREPOSITION.findall(between)
    return (
        len(between) <= MAXIMUM_LEAD
        and bool(words)
        and words[-1].casefold() in LEADING
        and re.search(r"[,;()]|\band\b", between) is None
    )


def _subject(
    measure: Measure, service: str | None, token: Token, sentence: Sentence
) -> tuple[str | None, str]:
    registers = sentence.registers
    metric = measure.metric.removesuffix("_change")
    if token.shape == "money":
        subject = measure.subject or (registers.service_names.get(service) if service else None)
        if subject is None and sentence.section.department_id is not None:
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
    before = sentence.plain[: token.start]
    has_change = CHANGE.search(sentence.plain) is not None
    if token.shape == "universal" or is_range(token, sentence) or not has_change:
        return "none"
    if re.search(rf"\bfrom {HEDGE}", before):
        return "from"
    if re.search(rf"(?<!up )\bto {HEDGE}", before) and token.shape != "count":
        return "to"
    following = [n for n in sentence.numbers if n.start > token.start]
    if following and re.search(
        r"\b(?:up|down) from (?:\w+ )?$", sentence.plain[token.end : following[0].start]
    ):
        return "to"
    return "none"


def is_range(token: Token, sentence: Sentence) -> str | None:
    """`from` or `up_to` where a number is an end of a range (`between 1.7 and 1.8 billion`)."""
    for first, second in zip(sentence.numbers, sentence.numbers[1:], strict=False):
        if token not in (first, second) or (first.shape, first.unit) != (second.shape, second.unit):
            continue
        between = sentence.plain[first.end : second.start]
        lead = sentence.plain[: first.start]
        said = re.search(r"\bbetween $", lead) and between == " and "
        dashed = re.fullmatch(r" ?- ?| to ", between) and not re.search(r"\bfrom $", lead)
        if said or dashed:
            return "from" if token is first else "up_to"
    return None


def _claim_kind(token: Token, sentence: Sentence, metric: str, direction: Direction) -> ClaimKind:
    if metric in ALWAYS_OUTCOME or direction == "from":
        return "outcome"
    start, end = sentence.span(token)
    if TARGET_BEFORE.search(sentence.plain[start : token.start]):
        return "target"
    if PRESENT.search(sentence.plain, start, end):
        return "outcome"
    if INTENDED.search(sentence.plain, start, end):
        return "target"
    if sentence.section.kind in ("commitment", "plan") or sentence.is_listed:
        return "target"
    return "outcome"


def _when(
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
    if direction == "from":
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
        inside = [d for d in sentence.dated if bracket[0] <= d.start < bracket[1]]
        return inside[0] if inside else None
    masked = sentence.masked(token)
    open_dates = [d for d in sentence.dated if masked[d.start : d.end].strip()]
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
        if d.end <= token.start and (d.start >= clause_start or _leads(d, sentence))
    ]
    return earlier[-1] if earlier and direction != "from" else None


def _leads(dated: Dated, sentence: Sentence) -> bool:
    """Whether a date opens its sentence, and so holds for all of it."""
    return not sentence.plain[: dated.start].strip()


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
    before = sentence.plain[: token.start]
    before = re.sub(r"\b(?:just|well|only|another|an?|the) $", "", before)
    for name, words in QUALIFIERS:
        if words.search(before):
            return name, token.value, token.unit or "count"
    return "exact", token.value, token.unit or "count"


def _per(token: Token, sentence: Sentence) -> str | None:
    start = token.end
    later = [n for n in sentence.numbers if n.start > token.start and n.shape == token.shape]
    if later and re.fullmatch(r" (?:and|to) ", sentence.plain[token.end : later[0].start]):
        start = later[0].end
    match = PER.match(sentence.plain[start:])
    return match[1].casefold() if match else None


def _scope(measure: Measure, token: Token, sentence: Sentence) -> str | None:
    if measure.scope is not None:
        return measure.scope
    if token.shape == "universal":
        return None
    start, end = sentence.span(token)
    wide = 0 if sentence.bracket(token) else start
    for pattern in SCOPES:
        match = pattern.search(sentence.plain, wide, end)
        if match:
            return match[1]
    since = SINCE.search(sentence.plain, start, end)
    return f"since {since[1]}" if since else None


def _passage(token: Token, sentence: Sentence, ordinal: int) -> str:
    """A digest of the sentence and its section, in which other numbers do not count: a claim is
    the same while its own figure and words are."""
    section = sentence.section
    letters = list(sentence.plain)
    for other in tokens_of(sentence.plain):
        if other.start != token.start:
            letters[other.start : other.end] = "#" * (other.end - other.start)
    said = "".join(letters).casefold()
    words = re.findall(r"[a-z0-9%]+", re.sub(r"#+", " ", said))
    place = (section.department_id or "", section.kind or "", str(section.year or ""))
    content = "|".join((*place, " ".join(words), str(ordinal)))
    return hashlib.sha256(content.encode()).hexdigest()[:16]
