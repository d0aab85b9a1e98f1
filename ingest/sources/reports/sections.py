"""The sections of a document: an action paper's by department, any other's by its headings.

A heading that cannot be placed is a problem with its line. The text under it stays in the
document, in a section whose department, kind or year is None: nothing is guessed or dropped.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from ingest.sources.reports.document import Problem, Section, SectionKind
from ingest.sources.reports.headings import (
    BODY,
    LOOSE_END,
    SECTION_WORDS,
    Piece,
    looks_like_heading,
    pieces_of,
    undecorated,
    with_department,
)
from ingest.sources.reports.registers import Registers
from ingest.sources.reports.text import LIST_NUMBER, Line

ORDER: dict[SectionKind, int] = {"commitment": 0, "plan": 1, "progress": 2}
"""Within one year: what was promised and planned comes before what was done."""

MAXIMUM_FREE_WORDS = 20


@dataclass
class _Open:
    """The section that lines are being added to."""

    heading: str
    heading_line: int | None
    department: str | None = None
    department_id: str | None = None
    kind: SectionKind | None = None
    year: int | None = None
    lines: list[Line] = field(default_factory=list)


class ActionPaper:
    """Takes an action paper's lines one by one.

    `sections`, `headings` (of departments and of sections) and `problems` are the result: each
    line that was read is in a section or is a heading.
    """

    def __init__(self, *, action: int | None, registers: Registers) -> None:
        self.sections: list[Section] = []
        self.headings: list[Line] = []
        self.problems: list[Problem] = []
        self._action = action
        self._registers = registers
        self._department: tuple[str, str | None, int] | None = None
        self._department_level: int | None = None
        self._section: _Open | None = None
        self._seen: set[tuple[str, SectionKind, int | None]] = set()
        self._last: dict[str, tuple[int, int]] = {}
        self._has_section = True
        self._empty: list[tuple[str, str | None, int]] = []

    def read(self, lines: list[Line]) -> None:
        """Place every line after the front matter."""
        pieces = self._pieces(lines)
        for index, piece in enumerate(pieces):
            following = pieces[index + 1] if index + 1 < len(pieces) else None
            if piece.what == "department":
                self._open_department(piece.line, piece.department_id, piece.line.text)
            elif piece.what == "section":
                self._open_section(piece)
            elif piece.why is not None:
                self._problem(piece.line, piece.why)
                self._add(piece.line)
                self._lose_department(piece.line)
            elif looks_like_heading(piece.line):
                self._unknown_heading(piece.line, following)
            else:
                self._add(piece.line)
        self._close()
        self._check_department()
        self._report_empty()

    def _pieces(self, lines: list[Line]) -> list[Piece]:
        """Every line taken apart, a department's name at the end of a text included."""
        pieces = [piece for line in lines for piece in pieces_of(line, self._registers)]
        parted: list[Piece] = []
        for index, piece in enumerate(pieces):
            following = pieces[index + 1].what if index + 1 < len(pieces) else None
            if piece.what == "text" and piece.why is None and following == "section":
                tail = with_department(piece.line, self._registers)
                parted += tail if len(tail) > 1 else [piece]
            else:
                parted.append(piece)
        return parted

    def _problem(self, line: Line, why: str) -> None:
        self.problems.append(Problem(line.number, line.text, why))

    def _open_department(self, line: Line, department_id: str | None, name: str) -> None:
        self._close()
        self.headings.append(line)
        self._check_department()
        self._department = (undecorated(name), department_id, line.number)
        self._has_section = False
        if department_id is not None:
            self._department_level = line.level

    def _check_department(self) -> None:
        """Remember a department's heading that has nothing under it."""
        if self._department is not None and not self._has_section:
            self._empty.append(self._department)

    def _report_empty(self) -> None:
        """A department without a section is a loss, unless it has its sections further on: then
        its first heading was an entry of a list of contents."""
        with_sections = {section.department_id for section in self.sections}
        for name, department_id, number in self._empty:
            if department_id is None or department_id not in with_sections:
                why = "a department's heading without a section under it"
                self.problems.append(Problem(number, name, why))

    def _lose_department(self, line: Line) -> None:
        self._close()
        self._department = ("unplaced", None, line.number)
        self._has_section = True

    def _open_section(self, piece: Piece) -> None:
        self._close()
        self._has_section = True
        line, kind, year = piece.line, piece.kind, piece.year
        self.headings.append(line)
        name, department_id = self._department[:2] if self._department else (None, None)
        if self._department is None:
            self._problem(line, "a section's heading before any department's")
        elif department_id is not None and kind is not None:
            if (department_id, kind, year) in self._seen:
                self._problem(
                    line, "this department has such a section already: is a heading missing?"
                )
                self._department = ("unplaced", None, line.number)
                name, department_id = "unplaced", None
            else:
                self._note_order(line, department_id, kind, year)
        if year is None:
            self._problem(line, "a section's heading without a year")
        self._section = _Open(undecorated(line.text), line.number, name, department_id, kind, year)

    def _note_order(
        self, line: Line, department_id: str, kind: SectionKind, year: int | None
    ) -> None:
        self._seen.add((department_id, kind, year))
        if year is None:
            return
        rank = (year, ORDER[kind])
        if rank < self._last.get(department_id, (0, 0)):
            self._problem(
                line, "out of order for its department: placed as printed; is a heading missing?"
            )
        self._last[department_id] = rank

    def _opens_department(self, line: Line, following: Piece) -> bool:
        """Whether an unknown heading before a section's is a department's: its words say so, or
        the layout, where the section can't be the next of the department before."""
        if following.what != "section":
            return False
        if BODY.search(line.folded) or (line.level and line.level == self._department_level):
            return True
        department_id = self._department[1] if self._department else None
        if department_id is None or following.kind is None or following.year is None:
            return False
        is_seen = (department_id, following.kind, following.year) in self._seen
        rank = (following.year, ORDER[following.kind])
        return is_seen or rank < self._last.get(department_id, (0, 0))

    def _unknown_heading(self, line: Line, following: Piece | None) -> None:
        if following is not None and self._opens_department(line, following):
            self._problem(line, "a department's heading that the register does not know")
            self._open_department(line, None, line.text)
        elif SECTION_WORDS.match(undecorated(line.text)):
            self._problem(line, "a section's heading that the rules do not know")
            self._close()
            self.headings.append(line)
            self._has_section = True
            name, department_id = self._department[:2] if self._department else (None, None)
            heading = undecorated(line.text)
            self._section = _Open(heading, line.number, name, department_id)
        else:
            self._problem(line, "it reads like a heading, and the rules do not know it")
            self._add(line)

    def _add(self, line: Line) -> None:
        if self._section is None:
            name, department_id = self._department[:2] if self._department else (None, None)
            self._section = _Open("(no heading)", None, name, department_id)
            self._has_section = True
            if name != "unplaced":
                self._problem(line, "text that is not under a section's heading")
        self._section.lines.append(line)

    def _close(self) -> None:
        if self._section is not None:
            self.sections.append(_closed(self._section, self._action))
        self._section = None


def _closed(section: _Open, action: int | None) -> Section:
    numbers = [line.number for line in section.lines]
    last = max((line.number_at(len(line.text)) for line in section.lines), default=None)
    return Section(
        department=section.department,
        department_id=section.department_id,
        action=action,
        kind=section.kind,
        year=section.year,
        heading=section.heading,
        heading_line=section.heading_line,
        first_line=numbers[0] if numbers else section.heading_line or 0,
        last_line=last if last is not None else section.heading_line or 0,
        lines=tuple(section.lines),
    )


def sections_by_heading(lines: list[Line], *, title: str) -> tuple[list[Section], list[Line]]:
    """Sections of a document in another layout, one per heading, the first under its title, and
    the headings."""
    opened = [_Open(title, None)]
    headings: list[Line] = []
    for line in lines:
        if is_free_heading(line):
            opened.append(_Open(line.text, line.number))
            headings.append(line)
        else:
            opened[-1].lines.append(line)
    if not opened[0].lines and len(opened) > 1:
        del opened[0]
    return [_closed(section, None) for section in opened], headings


def is_free_heading(line: Line) -> bool:
    """Whether a line heads a section outside the action papers' layout.

    It has no stop, holds one phrase only, begins with a capital or a number, and does not break
    off in the middle.
    """
    if line.role == "heading":
        return True
    text = line.folded
    if line.role != "text" or LIST_NUMBER.match(text):
        return False
    if not re.match(r"[A-Z\d]", text) or len(text.split()) > MAXIMUM_FREE_WORDS:
        return False
    return not (
        re.search(r"[.!?:;,)\"']$", text) or re.search(r"[.!?] ", text) or LOOSE_END.search(text)
    )
