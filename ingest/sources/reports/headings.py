"""The headings of the action papers, as data, and how a line is taken apart into them."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from typing import Literal

from ingest.sources.reports.document import SectionKind
from ingest.sources.reports.registers import Registers
from ingest.sources.reports.text import LIST_NUMBER, LOOKALIKES, TERMINAL, Line

MONTH_NAMES = (
    "January February March April May June July August September October November December".split()
)
MONTH = "(?:" + "|".join(MONTH_NAMES) + ")"
YEAR = r"(?:19|20)\d\d"

COMMITMENT = (
    r"(?:departmental )?(?:digital )?(?:strategy )?commitments?"
    rf"(?: ?\((?:{MONTH} )?(?P<commitment>{YEAR})\)| (?:in|of|for|from) (?:{MONTH} )?"
    rf"(?P<commitment_in>{YEAR}))?"
)
PROGRESS = rf"progress (?:made )?(?:during|in|for|over|throughout) (?P<progress>{YEAR})"
PLAN = (
    r"(?:planned (?:activity|activities|actions?|work)|plans?|activities planned) "
    rf"(?:in|for|during) (?P<plan>{YEAR})"
)
SECTION_HEADING = re.compile(rf"(?:{COMMITMENT}|{PROGRESS}|{PLAN})", re.I)
"""Every way in which the papers of this series head a section. The year is that of the heading."""

SPELT_HEADING = re.compile(
    rf"(?:Departmental digital strategy commitments? ?\((?:{MONTH} )?{YEAR}\)"
    rf"|Progress (?:during|in) {YEAR}"
    rf"|Planned [Aa]ctivities (?:in|for) {YEAR}"
    rf"|Plans for {YEAR})"
    r"(?= ?[:.]? +[\"'(]?[A-Z0-9]| ?[:.]? +[•*-]|[A-Z]| ?[:.]?$)"
)
"""A heading that a lost line break left inside a line: spelt with its capital, and what follows
begins anew. `progress during 2014 was slow` and `Progress during 2014 was slow` are prose."""

SECTION_WORDS = re.compile(
    r"^(?:progress|plan(?:s|ned)?|commitments?|achievements?|activit(?:y|ies)|actions? taken|"
    r"next steps|what (?:we|the department)|work|future|current|update|summary of progress|"
    r"departmental digital strategy)\b",
    re.I,
)
"""How a section's heading begins that the rules above don't know: it closes the section before."""

FINITE_VERB = re.compile(
    r"\b(?:is|are|was|were|be|been|has|have|had|will|would|can|could|should|may|might|must|do|does|"
    r"did|continues?|continued|supports?|supported|worked|works|made|ran|began|started|launched|"
    r"published|provides?|provided|introduced|completed|improved|increased|rose|fell|reached|"
    r"remains?|plans to|aims|expects|intends)\b",
    re.I,
)
SHORT_ENTRY = re.compile(r"^(?:not applicable|n/a|none|nothing|no |as above|see )", re.I)
"""How an entry of few words begins that has no verb and is not a heading."""
LOOSE_END = re.compile(
    r"\b(?:a|an|the|of|to|in|on|for|by|with|and|or|at|from|that|which|its|their|our|as)$", re.I
)
NUMBERING = re.compile(r"(?:#+ *|\d+(?:\.\d+)*[.)]? +(?=[A-Z]))")

BODY = re.compile(
    r"\b(?:departments?|ministry|office|offices|agency|authority|commission|council|board|treasury|"
    r"service|services|hm|government|cabinet|inspectorate|institute|unit|executive|crown)\b",
    re.I,
)
"""A word by which a body of government is called: a heading without one is not taken for one."""

MAXIMUM_WORDS = 12
MAXIMUM_LENGTH = 300
"""Words and characters of a heading."""

PieceKind = Literal["department", "section", "text"]


@dataclass(frozen=True)
class Piece:
    """A line, or the part of one that a lost line break glued to a heading."""

    what: PieceKind
    line: Line
    department_id: str | None = None
    kind: SectionKind | None = None
    year: int | None = None
    why: str | None = None


def section_of(text: str) -> tuple[SectionKind, int | None] | None:
    """Kind and year that a section's heading gives, by whole match, or None if it is not such."""
    is_short = len(text) <= MAXIMUM_LENGTH
    match = SECTION_HEADING.fullmatch(undecorated(text)) if is_short else None
    if match is None:
        return None
    found = match.groupdict()
    if found["progress"]:
        return "progress", int(found["progress"])
    if found["plan"]:
        return "plan", int(found["plan"])
    year = found["commitment"] or found["commitment_in"]
    return "commitment", int(year) if year else None


def undecorated(text: str) -> str:
    """A heading without its numbering, mark-up and trailing colon or stop."""
    folded = text.translate(LOOKALIKES).strip("*_ ")
    at = 0
    while (numbering := NUMBERING.match(folded, at)) is not None:
        at = numbering.end()
    return folded[at:].rstrip(" :.*_#")


def looks_like_heading(line: Line) -> bool:
    """Whether a line that no rule knows reads as a heading: few words, no stop, no verb."""
    if line.role == "heading":
        return True
    if len(line.text) > MAXIMUM_LENGTH:
        return False
    text = undecorated(line.text)
    if line.role == "item" and not LIST_NUMBER.match(line.text):
        return False
    if not text[:1].isupper() or len(text.split()) > MAXIMUM_WORDS:
        return False
    if re.search(r"[.!?;,][\"')]*$", line.folded) or LOOSE_END.search(text):
        return False
    if SHORT_ENTRY.match(text):
        return False
    is_worded = SECTION_WORDS.match(text) and re.search(r"\d\d$|\)$", text)
    return bool(is_worded) or FINITE_VERB.search(text) is None


def pieces_of(line: Line, registers: Registers) -> list[Piece]:
    """The headings and texts that a line holds, in order. Nothing of it is dropped.

    A whole line that a register or `SECTION_HEADING` knows is a heading. Where a section's heading
    is inside a line, the line is cut there; a department's name directly before it is a
    heading too if it begins the line or a sentence.
    """
    whole = _whole(line, registers)
    if whole is not None:
        return [whole]
    if line.role == "aside":
        return [Piece("text", line)]
    pieces: list[Piece] = []
    rest = 0
    for match in SPELT_HEADING.finditer(line.folded):
        before = _cut(line, rest, match.start())
        if before is not None:
            pieces += with_department(before, registers)
        heading = _cut(line, match.start(), match.end())
        placed = section_of(match.group())
        if heading is None or placed is None:
            continue
        pieces.append(Piece("section", heading, kind=placed[0], year=placed[1]))
        rest = match.end()
        while rest < len(line.text) and line.text[rest] in " :.":
            rest += 1
    if not pieces:
        return [Piece("text", line)]
    tail = _cut(line, rest, len(line.text))
    if tail is not None:
        pieces.append(Piece("text", tail))
    return pieces


def _whole(line: Line, registers: Registers) -> Piece | None:
    placed = section_of(line.text)
    if placed is not None:
        return Piece("section", line, kind=placed[0], year=placed[1])
    if len(line.text) > MAXIMUM_LENGTH:
        return None
    department_id = registers.department(undecorated(line.text))
    if department_id is not None and len(line.text.split()) <= registers.longest_department + 3:
        return Piece("department", line, department_id=department_id)
    return None


def with_department(before: Line, registers: Registers) -> list[Piece]:
    """What is before a section's heading, taken apart: text, then perhaps a department's name.

    The name is a heading if it is all there is, or if a sentence ends before it. Otherwise the
    text may as well end with it: `why` says so, and nothing is decided.
    """
    whole = _whole(before, registers)
    if whole is not None and whole.what == "department":
        return [whole]
    first = max(len(before.text) - MAXIMUM_LENGTH, 0)
    starts = [match.start() for match in re.finditer(r"(?<!\S)\S+", before.text[first:])]
    for start in (first + at for at in starts[-registers.longest_department - 1 :]):
        name = before.text[start:]
        department_id = registers.department(undecorated(name))
        if department_id is None:
            continue
        text, heading = _cut(before, 0, start), _cut(before, start, len(before.text))
        if text is None or heading is None:
            continue
        if TERMINAL.search(text.tail):
            return [
                Piece("text", text),
                Piece("department", heading, department_id=department_id),
            ]
        why = "a department's name is before a heading in one line: its end, or a heading?"
        return [Piece("text", before, why=why)]
    return [Piece("text", before)]


def _cut(line: Line, start: int, end: int) -> Line | None:
    """The part of a line between two offsets, with its own line number, or None if it is blank."""
    part = line.text[start:end]
    text = part.strip()
    if not text:
        return None
    offset = start + len(part) - len(part.lstrip())
    first = bisect_right(line.breaks, offset, key=lambda place: place[0])
    last = bisect_left(line.breaks, offset + len(text), key=lambda place: place[0])
    breaks = tuple((at - offset, number) for at, number in line.breaks[first:last])
    return Line(line.number_at(offset), text, line.role, breaks, line.column + offset)
