"""Every number of a document, classed: the claims, what is no claim, and what is undecided."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal

from ingest.sources.reports.claims import Sentence, claim_of
from ingest.sources.reports.document import Claim, Named, Number, Problem, Section, slug
from ingest.sources.reports.headings import section_of
from ingest.sources.reports.kinds import kind_of
from ingest.sources.reports.measures import COUNT_NOUNS
from ingest.sources.reports.registers import Mention, Registers
from ingest.sources.reports.text import LIST_NUMBER, Line, is_page_number
from ingest.sources.reports.tokens import Token, tokens_of

SENTENCE_END = re.compile(r"(?<=[.!?])[\"')\]]*\s+(?=[\"'(\[]?[A-Z0-9£#])")
CONTEXT = 40


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
        for line in lines:
            for token in tokens_of(line.plain):
                found = kind or ("page_number" if is_page_number(line) else None)
                found = found or kind_of(line.plain, token, named=[]) or "undecided"
                self._other(line, token, found)

    def read_heading(self, line: Line) -> None:
        """Numbers of a heading: the year of a section, a chapter's number."""
        is_section = section_of(line.text) is not None
        for token in tokens_of(line.plain):
            if is_section:
                self._other(line, token, "section_year")
            else:
                named = [(m.start, m.end) for m in self.registers.mentions(line.text)]
                kind = kind_of(line.plain, token, named=named)
                if kind is None and token.start == 0:
                    kind = "section_number"
                self._other(line, token, kind or "undecided")

    def read_section(self, section: Section) -> None:
        """Numbers and named services of a section's paragraphs."""
        for index, line in enumerate(section.lines):
            self._read_paragraph(line, section)
            self._read_list(index, section)

    def _read_paragraph(self, line: Line, section: Section) -> None:
        if is_page_number(line):
            self.read_outside([line])
            return
        plain = line.plain
        mentions = self.registers.mentions(line.text, department_id=section.department_id)
        for mention in mentions:
            self.lines_naming[mention.service_id].add(line.number_at(mention.start))
        tokens = tokens_of(plain)
        kinds = {token: self._kind(line, token, mentions) for token in tokens}
        counted: str | None = None
        previous: list[Mention] = []
        for start, end in sentences_of(plain):
            inside = [token for token in tokens if start <= token.start < end]
            sentence = Sentence(
                plain=plain,
                start=start,
                end=end,
                numbers=[token for token in inside if kinds[token] is None],
                mentions=[m for m in mentions if start <= m.start < end],
                previous=previous,
                counted=counted,
                section=section,
                dated_on=self.dated_on,
                registers=self.registers,
            )
            for ordinal, token in enumerate(inside):
                kind = kinds[token]
                if kind is not None:
                    self._other(line, token, kind)
                    continue
                claim = self._claim(line, token, sentence, ordinal)
                if claim is not None and claim.unit == "count" and claim.value is not None:
                    counted = claim.subject
            previous = sentence.mentions or previous[:0]

    def _kind(self, line: Line, token: Token, mentions: list[Mention]) -> str | None:
        listed = LIST_NUMBER.match(line.plain)
        if listed and token.end <= listed.end():
            return "list_number"
        return kind_of(line.plain, token, named=[(m.start, m.end) for m in mentions])

    def _claim(self, line: Line, token: Token, sentence: Sentence, ordinal: int) -> Claim | None:
        number = line.number_at(token.start)
        claim = claim_of(token, sentence, document=self.document, ordinal=ordinal, line=number)
        if isinstance(claim, str):
            if token.shape in ("quantity_word", "single"):
                self._other(line, token, "vague")
            else:
                self._other(line, token, "undecided", why=claim)
            return None
        self._add(line, token.start, claim)
        return claim

    def _add(self, line: Line, offset: int, claim: Claim) -> None:
        self._counts[claim.figure_id] += 1
        count = self._counts[claim.figure_id]
        named = replace(claim, figure_id=f"{claim.figure_id}:{count}")
        self.numbers.append(Number(claim.line, line.column + offset, claim.text, "claim", named))

    def _other(self, line: Line, token: Token, kind: str, *, why: str | None = None) -> None:
        number = line.number_at(token.start)
        self.numbers.append(Number(number, line.column + token.start, token.text, kind))
        if kind == "undecided":
            near = line.text[max(token.start - CONTEXT, 0) : token.end + CONTEXT]
            reason = why or "a number that no rule knows"
            self.undecided.append(Problem(number, near, f"{token.text}: {reason}"))

    def _read_list(self, index: int, section: Section) -> None:
        """A numbered list under a line that says what it lists counts these things."""
        line = section.lines[index]
        if not line.plain.endswith(":") or tokens_of(line.plain):
            return
        items = 0
        for item in section.lines[index + 1 :]:
            if not re.match(r"\s*\d+[.)]\s", item.plain):
                break
            items += 1
        nouns = [word.group() for word in re.finditer(r"[A-Za-z]+", line.plain)]
        known = [noun for noun in nouns if COUNT_NOUNS.get(noun.casefold())]
        if items < 2 or not known:
            return
        self._add(line, len(line.text), _list_claim(line, section, known[0], items, self.document))

    def named(self) -> tuple[Named, ...]:
        """Registered things that the document names, in the order of their identity."""
        kinds = self.registers.service_kinds
        return tuple(
            Named(service_id, kinds.get(service_id, "service"), tuple(sorted(lines)))
            for service_id, lines in sorted(self.lines_naming.items())
        )


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


def sentences_of(plain: str) -> list[tuple[int, int]]:
    """Spans of a paragraph's sentences. A lost full stop leaves two sentences in one span."""
    spans: list[tuple[int, int]] = []
    start = 0
    for match in SENTENCE_END.finditer(plain):
        spans.append((start, match.end()))
        start = match.end()
    if start < len(plain):
        spans.append((start, len(plain)))
    return spans
