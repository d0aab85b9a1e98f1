"""docs/reasons.md: its two lists of reasons, from what refuses records and files."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from ingest.refusals import FILE_REASONS, NEXT_STEPS, RECORD_REASONS
from publish.pages.page import DOCS, Page, filled, table


def page() -> str:
    """The page with every reason that there is."""
    return filled(DOCS / "reasons.md", {"records": _records(), "files": _listed(FILE_REASONS)})


def _records() -> str:
    rows = [
        (f"`{reason}`", meaning, NEXT_STEPS[reason]) for reason, meaning in RECORD_REASONS.items()
    ]
    return "\n".join(table("reason | meaning | next step", rows))


def _listed(reasons: Mapping[str, str]) -> str:
    rows = [(f"`{reason}`", meaning) for reason, meaning in reasons.items()]
    return "\n".join(table("reason | meaning", rows))


PAGE: Final = Page("reasons.md", page)
