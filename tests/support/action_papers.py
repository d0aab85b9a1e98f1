"""Action papers in the layout of the real ones: no word of them is published."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date

from ingest.sources.reports import Registers, read_document
from ingest.sources.reports.headings import MONTH_NAMES

HEADINGS = {
    "commitment": "Departmental digital strategy commitments (December {year})",
    "progress": "Progress during {year}",
    "plan": "Planned activities in {year}",
}

Entries = Mapping[tuple[str, str, int], str]
"""Texts by department's name, kind of section and year, in the order in which they are printed."""


def paper(entries: Entries, *, updated_on: date | None, action: int = 8) -> bytes:
    """One version of an action paper, dated to a day or undated."""
    lines = [f"Action {action}: departments will tell people what can be done online"]
    if updated_on is not None:
        month = MONTH_NAMES[updated_on.month - 1]
        lines.append(f"Updated {updated_on.day} {month} {updated_on.year}")
    lines.append("It belongs to the Government Digital Strategy.")
    department = None
    for (name, kind, year), text in entries.items():
        if name != department:
            lines.append(name)
            department = name
        lines += [HEADINGS[kind].format(year=year), text]
    return "\n".join([*lines, ""]).encode()


def continued(
    content: bytes,
    added: Mapping[tuple[str, str, int], str],
    *,
    updated_on: date,
    registers: Registers,
) -> bytes:
    """A later version of a paper: what it printed, and at the end of each department what is added.

    `added` has texts by `department_id`, kind and year. They are set as the paper is, with empty
    lines between its paragraphs or without.
    """
    read = read_document(content, registers=registers)
    lines = content.decode().split("\n")
    gap = [""] if "" in lines[:-1] else []
    ends = {section.department_id: section.last_line for section in read.sections}
    assert {department_id for department_id, _, _ in added} <= ends.keys()
    for department_id, last_line in sorted(ends.items(), key=lambda end: -end[1]):
        for (body, kind, year), text in reversed(added.items()):
            if body == department_id:
                new = [*gap, HEADINGS[kind].format(year=year), *gap, text]
                lines[last_line:last_line] = new
    return _dated("\n".join(lines), updated_on)


def earlier(content: bytes, *, updated_on: date, registers: Registers) -> bytes:
    """The version of a paper before: without progress of its own year and plans of the next."""
    read = read_document(content, registers=registers)
    lines = content.decode().split("\n")
    last = {"progress": updated_on.year - 1, "plan": updated_on.year}
    for section in reversed(read.sections):
        if section.year is not None and section.year > last.get(section.kind, section.year):
            del lines[section.heading_line - 1 : section.last_line]
    return _dated("\n".join(lines), updated_on)


def _dated(text: str, updated_on: date) -> bytes:
    month = MONTH_NAMES[updated_on.month - 1]
    dated = f"Updated {updated_on.day} {month} {updated_on.year}"
    text, changes = re.subn(r"^Updated \d+ \w+ \d+$", dated, text, flags=re.M)
    assert changes == 1
    return text.encode()
