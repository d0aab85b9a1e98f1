"""The reader: a report's bytes to a `Document`. A pure function of them and of the registers."""

from __future__ import annotations

from ingest.sources.reports.document import Document, slug
from ingest.sources.reports.figures import Figures
from ingest.sources.reports.front import ACTION_TITLE, Front, read_front, split_asides
from ingest.sources.reports.headings import looks_like_heading, pieces_of, section_of
from ingest.sources.reports.pages import join_lines, split_pages
from ingest.sources.reports.registers import Registers
from ingest.sources.reports.sections import ActionPaper, sections_by_heading
from ingest.sources.reports.text import Line, decode, is_markup, lines_of

SHORT_NAME_WORDS = 5


def read_document(content: bytes, *, registers: Registers) -> Document:
    """Read one report, plain text or HTML.

    Raises:
        UnreadableReport: the bytes are not UTF-8 text, or no line of them holds any.
    """
    own, asides = split_asides(lines_of(content))
    own, around = split_pages(own, is_section=lambda text: section_of(text) is not None)
    own = join_lines(
        own,
        stands_alone=lambda text: _is_known_heading(text, registers),
        known=registers.words,
    )
    starts_at = _own_text_at(own, registers)
    front = read_front(own, own_text_at=starts_at)
    rest = own[len(front.lines) :]
    if starts_at is not None:
        paper = ActionPaper(action=front.action, registers=registers)
        paper.read(rest)
        sections, headings, problems = paper.sections, paper.headings, paper.problems
    else:
        sections, headings = sections_by_heading(rest, title=front.title)
        problems = []
    short_name = short_name_of(front)
    figures = Figures(short_name, front.updated_on or front.published_on, registers)
    figures.read_outside(front.lines)
    for heading in headings:
        figures.read_heading(heading)
    for section in sections:
        figures.read_section(section)
    figures.read_outside(asides, kind="sidebar")
    figures.read_outside(around, kind="page_number")
    return Document(
        short_name=short_name,
        title=front.title,
        publisher=front.publisher,
        series=front.series,
        action=front.action,
        published_on=front.published_on,
        updated_on=front.updated_on,
        date_precision=front.date_precision,
        front=front.lines,
        headings=tuple(headings),
        asides=tuple(sorted((*asides, *around), key=lambda line: line.number)),
        sections=tuple(sections),
        numbers=tuple(sorted(figures.numbers, key=lambda n: (n.line, n.offset))),
        named=figures.named(),
        undecided=tuple(figures.undecided),
        problems=tuple(sorted(problems, key=lambda problem: problem.line)),
        is_markup=is_markup(decode(content)),
    )


def short_name_of(front: Front) -> str:
    """A document's name in identities: series, title and date, whatever its file is called."""
    dated = front.updated_on or front.published_on
    when = ""
    if dated is not None:
        when = f"-{dated:%Y-%m-%d}" if front.date_precision == "day" else f"-{dated:%Y-%m}"
    if front.action is not None:
        return f"action-{front.action}{when}"
    return (slug(front.title, words=SHORT_NAME_WORDS) or "untitled") + when


def _is_known_heading(text: str, registers: Registers) -> bool:
    return section_of(text) is not None or registers.department(text) is not None


def _own_text_at(lines: list[Line], registers: Registers) -> int | None:
    """Index of an action paper's first heading; None where the layout is another.

    One heading of a section is enough after an action's title, two without.
    """
    has_title = any(ACTION_TITLE.match(line.folded) for line in lines[:10])
    firsts: list[int] = []
    count = 0
    for index, line in enumerate(lines):
        for piece in pieces_of(line, registers):
            if piece.what != "text":
                firsts.append(index)
            count += piece.what == "section"
    if not firsts or count < (1 if has_title else 2):
        return None
    first = firsts[0]
    if first > 1 and section_of(lines[first].text) and looks_like_heading(lines[first - 1]):
        return first - 1
    return first
