"""A digest held against its document, both ways: every difference is one line."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from difflib import SequenceMatcher

from ingest.sources.reports.digest import (
    CLAIM_FIELDS,
    Digest,
    DigestEntry,
    DigestNumber,
    names_in,
    number_fields,
    numbers_by_section,
    partners_in,
)
from ingest.sources.reports.document import Document, Number, Section

DEPENDENT = frozenset("start end due_on scope is_estimate".split())
"""Fields of a claim that other numbers of its line give: a changed year is one difference."""
DEPENDENT_KINDS = frozenset("year financial_year date".split())
"""Classes that a number has by its neighbours: 2013 is a year, before `to 2014` a financial one."""
OF_A_PAGE = frozenset("sidebar page_number".split())
"""Numbers around a text: a page has others around it than its plain copy."""
DATES = ("published_on", "updated_on", "date_precision")


@dataclass
class _Lines:
    """How far the document's lines have moved against the digest's, as both are walked through.

    `is_redated` where the document bears another date, from which periods of its claims follow.
    Where it `has_none` of the digest's lines (a page's source) there is nothing to compare.
    """

    moved: int = 0
    is_redated: bool = False
    has_none: bool = False
    is_open: bool = False

    def differ(self, document: int, digest: int) -> bool:
        """Whether a line is elsewhere than expected; what follows is expected to move with it.

        After a section that only one of the two has, the next line is expected wherever it is.
        """
        was_open, self.is_open = self.is_open, False
        if self.has_none:
            return False
        if document == digest + self.moved:
            return False
        self.moved = document - digest
        return not was_open


def differences(document: Document, digest: Digest, *, partners: Iterable[str]) -> list[str]:
    """What a document says and its digest does not, or says otherwise, and the reverse.

    `partners` are the names to look for besides the registered services: those of all digests. A
    section that is missing is one difference, whatever it holds; lines that have moved are one
    where they begin to.
    """
    lines = _Lines(
        is_redated=document.dated_on != (digest.updated_on or digest.published_on),
        has_none=document.is_markup,
    )
    inside = numbers_by_section(document)
    known = tuple(partners)
    outside, known_outside = inside[None], digest.outside
    if document.is_markup:
        outside = [number for number in outside if number.kind not in OF_A_PAGE]
        known_outside = tuple(n for n in known_outside if n.kind not in OF_A_PAGE)
    around = _Lines(has_none=document.is_markup)
    found = list(_numbers("outside the sections", outside, known_outside, around))
    found = [*_front(document, digest, is_told=bool(found)), *found]
    for index, entry in _paired(document.sections, digest.entries):
        lines.is_open = lines.is_open or index is None or entry is None
        if entry is None and index is not None:
            section = document.sections[index]
            line = section.heading_line or section.first_line
            found.append(f"line {line}: {section.key} is in the document, not in the digest")
        elif index is None and entry is not None:
            found.append(
                f"line {entry.line}: {entry.section} is in the digest, not in the document"
            )
        elif index is not None and entry is not None:
            section = document.sections[index]
            found += _section(document, section, entry, lines, known)
            found += _numbers(section.key, inside[index], entry.numbers, lines)
            found += _end(section, entry, lines)
    return found


def _front(document: Document, digest: Digest, *, is_told: bool) -> Iterator[str]:
    """Differences of publisher, series and dates; `is_told` where a number among them is one."""
    for name in ("action", "publisher", "series", *DATES):
        if is_told and name in (*DATES, "action"):
            continue
        here, there = getattr(document, name), getattr(digest, name)
        if here != there:
            yield f"{name}: {here} in the document, {there} in the digest"


def _paired(
    sections: Sequence[Section], entries: Sequence[DigestEntry]
) -> Iterator[tuple[int | None, DigestEntry | None]]:
    keys, names = [section.key for section in sections], [entry.section for entry in entries]
    for what, a, b, c, d in SequenceMatcher(None, keys, names, autojunk=False).get_opcodes():
        if what == "equal":
            yield from zip(range(a, b), entries[c:d], strict=True)
        else:
            yield from ((index, None) for index in range(a, b))
            yield from ((None, entry) for entry in entries[c:d])


def _section(
    document: Document,
    section: Section,
    entry: DigestEntry,
    lines: _Lines,
    partners: tuple[str, ...],
) -> Iterator[str]:
    here = section.heading_line
    if here is not None and entry.line is not None and lines.differ(here, entry.line):
        yield f"line {here}: {section.key} begins here; the digest says line {entry.line}"
    yield from _names(section.key, "names", names_in(document, section), entry.names)
    yield from _names(section.key, "partners", partners_in(section.text, partners), entry.partners)


def _end(section: Section, entry: DigestEntry, lines: _Lines) -> Iterator[str]:
    if lines.differ(section.last_line, entry.last_line):
        last = f"line {section.last_line}: {section.key} ends here"
        yield f"{last}; the digest says line {entry.last_line}"


def _names(key: str, what: str, here: tuple[str, ...], there: tuple[str, ...]) -> Iterator[str]:
    for name in sorted(set(here) - set(there)):
        yield f"{key}: {name} is named in the document, not in the digest's {what}"
    for name in sorted(set(there) - set(here)):
        yield f"{key}: {name} is in the digest's {what}, not named in the document"


def _numbers(
    key: str, here: list[Number], there: Sequence[DigestNumber], lines: _Lines
) -> Iterator[str]:
    ours = [_digested(number) for number in here]
    pairs = list(_aligned(ours, there))
    changed = {
        left.line
        for left, right in pairs
        if left is not None and (right is None or left.text.casefold() != right.text.casefold())
    }
    for left, right in pairs:
        if left is None and right is not None:
            yield f"line {right.line} ({key}): {right.text} is in the digest, not in the document"
        elif right is None and left is not None:
            yield f"line {left.line} ({key}): {left.text} is in the document, not in the digest"
        elif left is not None and right is not None:
            yield from _number(key, left, right, lines, is_beside_change=left.line in changed)


def _digested(number: Number) -> DigestNumber:
    return DigestNumber.model_validate(number_fields(number))


def _aligned(
    ours: Sequence[DigestNumber], theirs: Sequence[DigestNumber]
) -> Iterator[tuple[DigestNumber | None, DigestNumber | None]]:
    """Numbers paired in order: by their text where their count differs, else one by one."""
    if len(ours) == len(theirs):
        yield from zip(ours, theirs, strict=True)
        return
    left, right = [number.text for number in ours], [number.text for number in theirs]
    for what, a, b, c, d in SequenceMatcher(None, left, right, autojunk=False).get_opcodes():
        both = min(b - a, d - c) if what == "replace" else (b - a if what == "equal" else 0)
        yield from zip(ours[a : a + both], theirs[c : c + both], strict=True)
        yield from ((number, None) for number in ours[a + both : b])
        yield from ((None, number) for number in theirs[c + both : d])


def _number(
    key: str,
    here: DigestNumber,
    there: DigestNumber,
    lines: _Lines,
    *,
    is_beside_change: bool,
) -> Iterator[str]:
    place = f"line {here.line} ({key})"
    if here.text.casefold() != there.text.casefold():
        lines.differ(here.line, there.line)
        yield f"{place}: {here.text} in the document, {there.text} in the digest"
        return
    if lines.differ(here.line, there.line):
        yield f"{place}: {here.text} is here; the digest says line {there.line}"
    if there.is_by_hand and here.kind == "undecided":
        return
    if here.kind != there.kind:
        if is_beside_change and {here.kind, there.kind} <= DEPENDENT_KINDS:
            return
        yield f"{place}: {here.text} is {here.kind} in the document, {there.kind} in the digest"
        return
    told = [
        f"{name} {_shown(getattr(here, name))} (digest: {_shown(getattr(there, name))})"
        for name in CLAIM_FIELDS
        if getattr(here, name) != getattr(there, name)
        and not (is_beside_change and name in DEPENDENT)
        and not (lines.is_redated and name in ("start", "end"))
    ]
    if told:
        yield f"{place}: {here.text}: " + ", ".join(told)


def _shown(value: object) -> str:
    if value is None:
        return "none"
    return format(value, "f") if isinstance(value, Decimal) else str(value)
