"""The sentences of a report's sections: what each promises, one promise per checkable thing, and
how far an entry on progress says that something has come. What the rules can't tell is left open.

Pure: sentences are read one by one, from their own words and from the heading above them.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import pairwise, zip_longest
from typing import Any

from ingest.sources.reports.digest import partners_in
from ingest.sources.reports.document import Document, Section
from ingest.sources.reports.figures import sentences_of
from ingest.sources.reports.headings import MONTH_NAMES
from ingest.sources.reports.kinds import kind_of
from ingest.sources.reports.periods import DUE, Dated, periods_in
from ingest.sources.reports.promised_days import day_without, is_day, is_vague, season_in
from ingest.sources.reports.promised_names import (
    names_promised,
    names_told,
    stems_after_prepositions,
)
from ingest.sources.reports.promising import (
    ADVERB,
    CHECKABLE,
    CHECKABLE_BY_A_DAY,
    FIRM,
    HIDDEN,
    IN_PROGRESS_FIRM,
    JOINING,
    MEANS,
    NEVER_CHECKABLE,
    NOT_CHECKABLE,
    NOTHING,
    NOTHING_IS,
    RELATIVE,
    SOFT,
)
from ingest.sources.reports.registers import Registers
from ingest.sources.reports.saying import CLAUSE, Says, says_of, verbs_said
from ingest.sources.reports.standing import STEM, terms_of
from ingest.sources.reports.text import TAIL, Line
from ingest.sources.reports.tokens import tokens_of
from ingest.sources.reports.verbs import base_of, same_verbs, verb_of
from ingest.sources.reports.wording import PLACE

FIRST_VERB = re.compile(
    rf"(?P<not> not)?(?: {ADVERB})*(?P<passive> be)?(?: {ADVERB})* (?P<verb>[a-z][a-z-]*)"
    r"(?P<rest>(?: [a-z]+){0,3})"
)
NEXT_VERB = re.compile(r"(?:,|,? and|;)(?: (?:then|also|will|to))* (?P<verb>[a-z][a-z-]*)\b")
IN_PLACE = re.compile(r"\b(?:live|in place|ready|operational|complete|up and running)\b")
LEADS_LIST = re.compile(r"\b(?:will|plans? to|intends? to)(?: also)?:$", re.I)
ARTICLES = frozenset("a an the at in of on part central".split())
NUMBERED = frozenset("money percent count fraction".split())


@dataclass(frozen=True)
class Told:
    """A sentence, or one promise that it makes (`part` from 1 on; 0 is the sentence itself).

    `passage` is a digest of the sentence: equal as long as its words are. `terms` are its words of
    substance, cut to their stems, alone and in pairs (`inclus+princi`), its numbers (`#50`), what
    it names (`@leeds`) and what that is of or for (`>clinic`); `verbs` are what was done or, of a
    promise, what would report it done. `is_checkable` is None where the rules can't tell. Between
    `since` and `until` is what the report says was done.
    """

    number: int
    part: int
    line: int
    passage: str
    says: Says
    text: str
    terms: tuple[str, ...]
    verbs: tuple[str, ...]
    service_id: str | None = None
    is_checkable: bool | None = None
    due_on: date | None = None
    due_text: str | None = None
    place: str | None = None
    partners: tuple[str, ...] = ()
    since: date | None = None
    until: date | None = None


@dataclass(frozen=True)
class _Clause:
    """What follows `will` and the like, from `start` to the next promise; what is to be done may be
    named before it, from `begin`. `whole` is the clause with the other things that it promises."""

    begin: int
    start: int
    end: int
    verb: str
    is_checkable: bool | None
    whole: tuple[int, int]
    is_wish: bool = False


def told_in(section: Section, registers: Registers) -> list[Told]:
    """What a section's sentences say, in order: a row for each, and one for each promise in it."""
    found: list[Told] = []
    number = 0
    is_listed = False
    for line in section.lines:
        for start, end in sentences_of(line.folded):
            if not line.folded[start:end].strip():
                continue
            number += 1
            is_item = is_listed and line.role == "item" and start == 0
            reader = _Sentence(section, registers, line, start, end, number, is_item)
            found += reader.told()
        if line.role != "item":
            is_listed = LEADS_LIST.search(line.folded) is not None
    return found


def told_of(document: Document, registers: Registers) -> dict[str, list[Told]]:
    """The same of every section that is placed, by the section's key."""
    return {
        section.key: told_in(section, registers)
        for section in document.sections
        if section.is_placed
    }


def told_fields(told: Told) -> dict[str, Any]:
    """A sentence as an event states it: fields that have nothing to say are left out."""
    said: dict[str, Any] = {
        "sentence": told.number,
        "part": told.part,
        "line": told.line,
        "passage": told.passage,
        "says": told.says,
        "text": told.text if told.says in ("promise", "not_applicable") else None,
        "terms": list(told.terms) or None,
        "verbs": list(told.verbs) or None,
        "service_id": told.service_id,
        "is_checkable": told.is_checkable,
        "due_on": told.due_on and told.due_on.isoformat(),
        "due_text": told.due_text,
        "place": told.place,
        "partners": "; ".join(told.partners) or None,
        "since": told.since and told.since.isoformat(),
        "until": told.until and told.until.isoformat(),
    }
    return {name: value for name, value in said.items() if value is not None}


def passage_of(sentence: str) -> str:
    """A digest of a sentence, the same for all the ways in which its words are printed."""
    words = " ".join(re.findall(r"[a-z0-9£%]+", sentence.casefold()))
    return hashlib.sha256(words.encode()).hexdigest()[:16]


@dataclass(frozen=True)
class _Sentence:
    """One sentence with the section and the registers by which it is read."""

    section: Section
    registers: Registers
    line: Line
    start: int
    end: int
    number: int
    is_item: bool

    @property
    def folded(self) -> str:
        return self.line.folded[self.start : self.end].rstrip()

    def told(self) -> Iterator[Told]:
        """The sentence itself, then its promises."""
        folded = self.folded
        mentions = self.registers.mentions(folded, department_id=self.section.department_id)
        services = list(dict.fromkeys(mention.service_id for mention in mentions))
        says = says_of(folded, is_progress=self.section.kind == "progress")
        own = Told(
            number=self.number,
            part=0,
            line=self.line.number_at(self.start),
            passage=passage_of(folded),
            says=says,
            text=self.line.text[self.start : self.end].strip(),
            terms=self._terms(0, len(folded)),
            verbs=tuple(dict.fromkeys(verbs_said(folded, says))),
            service_id=services[0] if len(services) == 1 else None,
        )
        dated = [found for found in self._dates(folded) if not found.is_by]
        if own.says in ("done", "partly") and dated:
            own = replace(
                own,
                since=min(found.period.start for found in dated),
                until=max(found.period.end for found in dated),
            )
        yield own
        if own.says != "not_applicable":
            yield from self._promises(own)

    def _promises(self, own: Told) -> Iterator[Told]:
        partners = partners_in(self.folded, self.registers.partners)
        for part, clause in enumerate(self._clauses(), 1):
            due = self._due(clause)
            place = PLACE.search(self.folded, clause.start, clause.end)
            yield replace(
                own,
                part=part,
                says="promise",
                terms=self._terms(clause.begin, clause.end, verb=clause.verb, place=place),
                verbs=tuple(sorted(same_verbs(clause.verb))),
                is_checkable=self._is_checkable(clause, due),
                due_on=self._due_on(clause, due),
                due_text=self.folded[due.start : due.end].strip() if due is not None else None,
                place=place[1] if place is not None else None,
                partners=partners,
            )

    def _is_checkable(self, clause: _Clause, due: Dated | None) -> bool | None:
        """Whether a later report can say that it was done: None where a person has to tell."""
        year = self.section.year
        is_dated = due is not None and (due.period.kind != "year" or due.period.end.year != year)
        is_dated = is_dated or any(
            found.period.kind != "year" and clause.start <= found.start < clause.end
            for found in self._dates(self.folded)
        )
        is_measured = is_dated or self._is_numbered()
        if clause.verb in CHECKABLE_BY_A_DAY and is_measured:
            return None if clause.is_wish else True
        if clause.is_checkable is False:
            return None if is_measured or self._hides_another(clause) else False
        return clause.is_checkable

    def _hides_another(self, clause: _Clause) -> bool:
        """Whether behind a verb that nobody can check there is one that perhaps can."""
        if clause.verb in NEVER_CHECKABLE:
            return False
        if MEANS.search(self.folded, clause.start, clause.end):
            return True
        found = HIDDEN.finditer(self.folded.lower(), clause.start, clause.end)
        return any(base_of(match["verb"]) in CHECKABLE | CHECKABLE_BY_A_DAY for match in found)

    def _clauses(self) -> list[_Clause]:
        """What the sentence says will be done, one clause per thing that can be checked."""
        folded = self.folded
        if self.is_item:
            marks = len(folded) - len(folded.lstrip("•·*-– "))
            return list(self._parts(0, marks, len(folded)))
        openers = self._openers(folded)
        clauses: list[_Clause] = []
        begin = 0
        for opener, following in zip_longest(openers, openers[1:]):
            end = len(folded)
            if following is not None:
                cuts = [m.start() for m in CLAUSE.finditer(folded, opener.end(), following.start())]
                end = cuts[-1] if cuts else following.start()
            clauses += self._parts(begin, opener.end(), end, is_wish=opener.re is SOFT)
            begin = end
        return clauses

    def _openers(self, folded: str) -> list[re.Match[str]]:
        is_progress = self.section.kind == "progress"
        firm = [
            match
            for match in (IN_PROGRESS_FIRM if is_progress else FIRM).finditer(folded)
            if not RELATIVE.search(folded[max(match.start() - TAIL, 0) : match.start()])
            and not (match[0] in ("is", "are") and NOTHING_IS.search(folded[: match.start()]))
        ]
        if not firm and not is_progress:
            return list(SOFT.finditer(folded))[:1]
        # One that no clause parts from the one before is within what that one promises.
        return [
            match
            for earlier, match in pairwise([None, *firm])
            if match and (not earlier or CLAUSE.search(folded, earlier.end(), match.start()))
        ]

    def _parts(
        self, begin: int, start: int, end: int, *, is_wish: bool = False
    ) -> Iterator[_Clause]:
        """A clause, cut where a second verb says another thing that can be checked."""
        folded = self.folded
        first = FIRST_VERB.match(f" {folded[start:end].lstrip().lower()}")
        if first is None:
            return
        is_denied = first["not"] or NOTHING.match(folded[begin:start])
        is_checkable: bool | None
        verb = "be" if first["verb"] in ARTICLES else verb_of(first["verb"], first["rest"])
        if is_denied:
            verb, is_checkable = f"not_{verb}", None
        elif (first["passive"] or verb in ("be", "have")) and IN_PLACE.search(folded, start, end):
            is_checkable = True
        elif verb == "be":
            is_checkable = None
        elif is_wish:
            is_checkable = None if verb in CHECKABLE else False
        else:
            is_checkable = _is_checkable(verb)
        cuts = []
        is_measured = verb in CHECKABLE_BY_A_DAY and self._is_numbered()
        if (is_checkable is not False or is_measured) and not is_wish:
            for match in NEXT_VERB.finditer(folded, start, end):
                other = verb_of(match["verb"], folded[match.end() : match.end() + TAIL])
                if other in CHECKABLE and match["verb"] == other.partition("_")[0]:
                    cuts.append((match.start(), other))
        ends = [*(at for at, _ in cuts), end]
        yield _Clause(begin, start, ends[0], verb, is_checkable, (begin, end), is_wish)
        for (at, other), until in zip(cuts, ends[1:], strict=True):
            yield _Clause(at, at, until, other, True, (begin, end))

    def _dates(self, folded: str) -> list[Dated]:
        # Only a plan's year is that of a month without one: a commitment or a report looks ahead.
        year = self.section.year if self.section.kind in ("plan", "progress") else None
        return periods_in(folded, year=year)

    def _due(self, clause: _Clause) -> Dated | None:
        """The period by whose end it is to be done: the clause's own, else one that opens the
        sentence."""
        year = self.section.year if self.section.kind == "plan" else None
        dated = [found for found in periods_in(self.folded, year=year) if is_day(found)]
        own = self._own(dated, clause)
        opening = [found for found in dated if not self.folded[: found.start].strip()]
        found = next(iter(own or opening), None)
        if found is not None and is_vague(self.folded, found):
            return None
        if found is None:
            return season_in(self.folded, clause.start, clause.end, year=year)
        if self.section.year is None:
            return found
        return found if found.period.end.year >= self.section.year else None

    def _own(self, dated: list[Dated], clause: _Clause) -> list[Dated]:
        return [found for found in dated if clause.start <= found.start < clause.end]

    def _has_two_days(self, clause: _Clause) -> bool:
        own = self._own(self._dates(self.folded), clause)
        return len({found.period.end for found in own if found.lead in DUE}) > 1

    def _due_on(self, clause: _Clause, due: Dated | None) -> date | None:
        if self._has_two_days(clause):
            return None
        if due is not None and due.lead == "before":
            return due.period.start - timedelta(days=1)
        if due is not None:
            return due.period.end
        if self.section.kind != "plan" or self.section.year is None:
            return None
        return day_without(self.folded, *clause.whole, year=self.section.year)

    def _terms(
        self, start: int, end: int, *, verb: str = "", place: re.Match[str] | None = None
    ) -> tuple[str, ...]:
        """Words of substance by their stems, without the department's name, the verb and dates, the
        numbers (`#50`), what is named (`@leeds`) and what it is of or for (`>clinic`)."""
        dates = [(found.start, found.end) for found in periods_in(self.folded, year=None)]
        text = self.folded
        for first, last in dates:
            text = f"{text[:first]}{' ' * (last - first)}{text[last:]}"
        text = text[start:end]
        left_out = terms_of(f"{self.section.department} {self.section.department_id}")
        left_out |= {month.casefold()[:STEM]: month for month in MONTH_NAMES}
        terms = {
            stem
            for stem, word in terms_of(text).items()
            if stem not in left_out and base_of(word) != verb.partition("_")[0]
        }
        numbers = {
            f"#{token.value.normalize():f}"
            for token in tokens_of(text)
            if token.shape in NUMBERED and token.value is not None
        }
        names = names_told(text) if not verb else names_promised(text, place and place[1])
        names = {name for name in names if name.removeprefix("@") not in left_out}
        about = {f">{stem}" for stem in stems_after_prepositions(text) if stem in terms}
        pairs = _pairs_in(text, frozenset(terms))
        return tuple(sorted({*terms, *pairs, *numbers, *names, *about}))

    def _is_numbered(self) -> bool:
        """Whether it states a number that may be a claim."""
        return any(
            token.shape in NUMBERED and kind_of(self.folded, token, named=[]) is None
            for token in tokens_of(self.folded)
        )


def _is_checkable(verb: str) -> bool | None:
    if verb in CHECKABLE:
        return True
    return False if verb in NOT_CHECKABLE else None


def _pairs_in(text: str, terms: frozenset[str]) -> Iterator[str]:
    """Two words side by side, of which one is of substance: `inclus+princi`."""
    words = [match.group().casefold() for match in re.finditer(r"[A-Za-z]+|[^\sA-Za-z]", text)]
    for first, second in pairwise(words):
        is_joined = min(len(first), len(second)) > 3 and not JOINING & {first, second}
        if is_joined and terms & {first[:STEM], second[:STEM]}:
            yield f"{first[:STEM]}+{second[:STEM]}"
