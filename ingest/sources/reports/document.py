"""What a report is, once read: its front matter, its sections, its numbers, and what is unclear."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal

from ingest.sources.reports.text import Line

SectionKind = Literal["commitment", "progress", "plan"]
Direction = Literal["from", "to", "none"]
ClaimKind = Literal["target", "outcome"]

HEADING_WORDS = 5
"""Words of a heading that go into a section's name."""


@dataclass(frozen=True)
class Problem:
    """Something that the rules could not place or decide: a person has to look at this line."""

    line: int
    text: str
    why: str


@dataclass(frozen=True)
class Section:
    """A stretch of text under one heading.

    In an action paper it belongs to a department, with kind and year; what is None there could not
    be placed, and the document's problems say why. In other layouts a section has its heading
    only. `heading_line` is None for text before any heading.
    """

    department: str | None
    department_id: str | None
    action: int | None
    kind: SectionKind | None
    year: int | None
    heading: str
    heading_line: int | None
    first_line: int
    last_line: int
    lines: tuple[Line, ...]

    @property
    def text(self) -> str:
        """The section's paragraphs, one a line."""
        return "\n".join(line.text for line in self.lines)

    @property
    def is_placed(self) -> bool:
        """Whether department, kind and year are all known."""
        return None not in (self.department_id, self.kind, self.year)

    @property
    def key(self) -> str:
        """The section's name within its document: stable when lines are added above it."""
        if self.department is None and self.kind is None:
            return slug(self.heading.lstrip("0123456789. "), words=HEADING_WORDS) or "text"
        who = self.department_id or slug(self.department or "unplaced", words=HEADING_WORDS)
        what = self.kind or slug(self.heading, words=HEADING_WORDS)
        return f"{who}:{what}" + (f"-{self.year}" if self.year is not None else "")


@dataclass(frozen=True)
class Period:
    """Inclusive London dates. `basis` says whether the sentence states it, or its section or the
    document's date give it. A `day` is a state on that day."""

    kind: Literal["day", "month", "quarter", "financial_year", "year", "range"]
    start: date
    end: date
    basis: Literal["stated", "section", "document"]


@dataclass(frozen=True)
class Claim:
    """A figure that a document states.

    `value` is in `unit` (a ratio is 0 to 1) and None where the document counts in words that are
    no number. `resolution` is one unit of the last digit as printed. `passage` is a digest of the
    sentence, its section and the figure's place in it: equal in two documents that repeat it.
    """

    figure_id: str
    passage: str
    metric: str
    subject: str
    subject_kind: str
    service_id: str | None
    scope: str | None
    period: Period | None
    due_on: date | None
    qualifier: str
    value: Decimal | None
    unit: str
    resolution: Decimal | None
    per: str | None
    direction: Direction
    claim_kind: ClaimKind
    is_estimate: bool
    line: int
    text: str
    section: Section


@dataclass(frozen=True)
class Number:
    """One number of a document with its place: a claim, or what else it is (`kind`)."""

    line: int
    offset: int
    text: str
    kind: str
    claim: Claim | None = None


@dataclass(frozen=True)
class Named:
    """A registered service, programme or platform, and the lines on which it is named."""

    service_id: str
    kind: str
    lines: tuple[int, ...]


@dataclass(frozen=True)
class Document:
    """A report as read. Nothing of its text is dropped: every line with text in it is front
    matter, a heading, part of a section, or part of the page around it (`asides`). Where it
    `is_markup` its lines are those of a page's source, of which nobody else speaks."""

    short_name: str
    title: str
    publisher: str | None
    series: str | None
    action: int | None
    published_on: date | None
    updated_on: date | None
    date_precision: Literal["day", "month"] | None
    front: tuple[Line, ...]
    headings: tuple[Line, ...]
    asides: tuple[Line, ...]
    sections: tuple[Section, ...]
    numbers: tuple[Number, ...]
    named: tuple[Named, ...]
    undecided: tuple[Problem, ...]
    problems: tuple[Problem, ...]
    is_markup: bool = False

    @property
    def claims(self) -> tuple[Claim, ...]:
        """Every claim, in the order of the document."""
        return tuple(number.claim for number in self.numbers if number.claim is not None)

    @property
    def dated_on(self) -> date | None:
        """The day to which this text is dated: its update, else its publication."""
        return self.updated_on or self.published_on


def slug(text: str, *, words: int | None = None) -> str:
    """Lower-case words joined with hyphens, for names and identities."""
    kept = "".join(
        character if character.isascii() and character.isalnum() else " "
        for character in text.casefold().replace("\u2019", "").replace("'", "")
    ).split()
    return "-".join(kept[:words])
