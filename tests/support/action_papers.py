"""Action papers in the layout of the real ones: no word of them is published."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

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
