"""Every number of a document, classed: the claims, what is not a claim, and what is undecided."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal

from ingest.sources.reports.claims import claim_of
from ingest.sources.reports.document import Claim, Named, Number, Problem, Section, slug
from ingest.sources.reports.headings import section_of
from ingest.sources.reports.kinds import kind_of
from ingest.sources.reports.measures import COUNT_NOUNS
from ingest.sources.reports.registers import Mention, Registers
from ingest.sources.reports.sentence import Sentence
from ingest.sources.reports.text import LIST_NUMBER, Line
from ingest.sources.reports.tokens import Token, tokens_of

SENTENCE_END = re.compile(r"(?<=[.!?])[\"')\]]*\s+(?=[\"'(\[]?[A-Z0-9£#])")
LIST_ITEM = re.compile(r"\s*\d+[.)]\s")
CONTEXT = 40
MAXIMUM_SENTENCE = 1500
MAXIMUM_NUMBERS = 30
"""Characters and numbers read at once: of the five documents no sentence has half as many. So the
work for a text grows with its length, and no faster."""
CROWDED = "one of more numbers in one sentence than the rules can tell apart"


@dataclass(frozen=True)
class _Part:
    """A stretch of a line: what is read at once. `start` is its offset in the line."""

    line: Line
    start: int
    folded: str

    @property
    def column(self) -> int:
        return self.line.column + self.start

    def number_at(self, offset: int) -> int:
        return self.line.number_at(self.start + offset)


@dataclass
class Figures:
    """Reads sections one by one; `numbers`, `undecided` and `lines_naming` are the result."""

    document: str
    dated_on: date | None
    registers: Registers
    numbers: list[Number] = field(default_factory=list)
    undecided: list[Problem] = field(default_factory=list)
    lines_naming: dict[str, set[int]] = field(default_factory=lambda: defaultdict(set))
    _counts: dict[str, int] = field(default_factory=lambda: defaultdict(int))

    def read_outside(self, lines: Iterable[Line], *, kind: str | None = None) -> None:
        """Numbers of front matter and asides: none of them is a claim of the document."""
        for part in (part for line in lines for part in _parts_of(line)):
            for token in tokens_of(part.folded):
                found = kind or kind_of(part.folded, token, named=[]) or "undecided"
                self._other(part, token, found)

    def read_heading(self, line: Line) -> None:
        """Numbers of a heading: the year of a section, a chapter's number."""
        is_section = section_of(line.text) is not None
        for part in _parts_of(line):
            named = [(m.start, m.end) for m in self.registers.mentions(part.folded)]
            for token in tokens_of(part.folded):
                kind = "section_year" if is_section else kind_of(part.folded, token, named=named)
                if kind is None and part.start + token.start == 0:
                    kind = "section_number"
                self._other(part, token, kind or "undecided")

    def read_section(self, section: Section) -> None:
        """Numbers and named services of a section's paragraphs."""
        for index, line in enumerate(section.lines):
            self._read_paragraph(line, section)
            self._read_list(index, section)

    def _read_paragraph(self, line: Line, section: Section) -> None:
        counted: str | None = None
        previous: list[Mention] = []
        is_listed = LIST_NUMBER.match(line.folded) is not None
        for start, end in sentences_of(line.folded):
            part = _Part(line, start, line.folded[start:end])
            mentions = self.registers.mentions(part.folded, department_id=section.department_id)
            for mention in mentions:
                self.lines_naming[mention.service_id].add(part.number_at(mention.start))
            tokens = tokens_of(part.folded)
            if len(tokens) > MAXIMUM_NUMBERS:
                for token in tokens:
                    self._other(part, token, "undecided", why=CROWDED)
                previous = mentions
                continue
            kinds = [self._kind(part, token, mentions) for token in tokens]
            sentence = Sentence(
                folded=part.folded,
                numbers=[token for token, kind in zip(tokens, kinds, strict=True) if kind is None],
                mentions=mentions,
                previous=previous,
                counted=counted,
                section=section,
                dated_on=self.dated_on,
                registers=self.registers,
                tokens=tokens,
                is_listed=is_listed,
            )
            for ordinal, (token, kind) in enumerate(zip(tokens, kinds, strict=True)):
                if kind is not None:
                    self._other(part, token, kind)
                    continue
                claim = self._claim(part, token, sentence, ordinal)
                if claim is not None and claim.unit == "count" and claim.value is not None:
                    counted = claim.subject
            previous = mentions

    def _kind(self, part: _Part, token: Token, mentions: list[Mention]) -> str | None:
        listed = LIST_NUMBER.match(part.folded)
        if part.start == 0 and listed and token.end <= listed.end():
            return "list_number"
        return kind_of(part.folded, token, named=[(m.start, m.end) for m in mentions])

    def _claim(self, part: _Part, token: Token, sentence: Sentence, ordinal: int) -> Claim | None:
        number = part.number_at(token.start)
        claim = claim_of(token, sentence, document=self.document, ordinal=ordinal, line=number)
        if isinstance(claim, str):
            if token.shape in ("quantity_word", "single"):
                self._other(part, token, "vague")
            else:
                self._other(part, token, "undecided", why=claim)
            return None
        self._add(part, token.start, claim)
        return claim

    def _add(self, part: _Part, offset: int, claim: Claim) -> None:
        self._counts[claim.figure_id] += 1
        count = self._counts[claim.figure_id]
        named = replace(claim, figure_id=f"{claim.figure_id}:{count}")
        self.numbers.append(Number(claim.line, part.column + offset, claim.text, "claim", named))

    def _other(self, part: _Part, token: Token, kind: str, *, why: str | None = None) -> None:
        number = part.number_at(token.start)
        self.numbers.append(Number(number, part.column + token.start, token.text, kind))
        if kind == "undecided":
            near = part.folded[max(token.start - CONTEXT, 0) : token.end + CONTEXT]
            reason = why or "a number that no rule knows"
            self.undecided.append(Problem(number, near.strip(), f"{token.text}: {reason}"))

    def _read_list(self, index: int, section: Section) -> None:
        """A numbered list under a line that says what it lists counts these things."""
        line = section.lines[index]
        is_list = line.folded.endswith(":") and len(line.text) <= MAXIMUM_SENTENCE
        if not is_list or LIST_ITEM.match(line.folded) or tokens_of(line.folded):
            return
        items = 0
        while index + items + 1 < len(section.lines) and LIST_ITEM.match(
            section.lines[index + items + 1].folded
        ):
            items += 1
        nouns = [word.group() for word in re.finditer(r"[A-Za-z]+", line.folded)]
        known = [noun for noun in nouns if COUNT_NOUNS.get(noun.casefold())]
        if items < 2 or not known:
            return
        part = _Part(line, 0, line.folded)
        self._add(part, len(line.text), _list_claim(line, section, known[0], items, self.document))

    def named(self) -> tuple[Named, ...]:
        """Registered things that the document names, in the order of their identity."""
        kinds = self.registers.service_kinds
        return tuple(
            Named(service_id, kinds.get(service_id, "service"), tuple(sorted(lines)))
            for service_id, lines in sorted(self.lines_naming.items())
        )


def _parts_of(line: Line) -> list[_Part]:
    """A line outside of the text as it is, or in sentences where it is long."""
    folded = line.folded
    is_long = len(folded) > MAXIMUM_SENTENCE
    spans = sentences_of(folded) if is_long else [(0, len(folded))]
    return [_Part(line, start, folded[start:end]) for start, end in spans]


def _list_claim(line: Line, section: Section, noun: str, items: int, document: str) -> Claim:
    metric = COUNT_NOUNS[noun.casefold()]
    return Claim(
        figure_id=f"{document}:{section.key}:{slug(noun)}:{metric}",
        passage=f"list-of-{items}-{slug(noun)}-{section.key}",
        metric=metric,
        subject=noun.casefold(),
        subject_kind="thing",
        service_id=None,
        scope=None,
        period=None,
        due_on=None,
        qualifier="exact",
        value=Decimal(items),
        unit="count",
        resolution=Decimal(1),
        per=None,
        direction="none",
        claim_kind="outcome",
        is_estimate=False,
        line=line.number,
        text=f"(list of {items})",
        section=section,
    )


def sentences_of(folded: str) -> list[tuple[int, int]]:
    """Spans of a paragraph's sentences. A lost full stop leaves two sentences in one span; one
    that runs on beyond `MAXIMUM_SENTENCE` characters is cut between words."""
    ends = [match.end() for match in SENTENCE_END.finditer(folded)]
    spans: list[tuple[int, int]] = []
    start = 0
    for end in [*ends, len(folded)]:
        while end - start > MAXIMUM_SENTENCE:
            cut = folded.rfind(" ", start + 1, start + MAXIMUM_SENTENCE) + 1
            cut = cut or start + MAXIMUM_SENTENCE
            spans.append((start, cut))
            start = cut
        if start < end:
            spans.append((start, end))
        start = end
    return spans
