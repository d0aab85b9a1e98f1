"""docs/reasons.md: its two lists of reasons, from what refuses records and files."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from ingest.refusals import FILE_NEXT_STEPS, FILE_REASONS, NEXT_STEPS, RECORD_REASONS
from publish.pages.page import DOCS, Page, filled, table


def page() -> str:
    """The page with every reason that there is."""
    return filled(
        DOCS / "reasons.md",
        {
            "records": _listed(RECORD_REASONS, NEXT_STEPS),
            "files": _listed(FILE_REASONS, FILE_NEXT_STEPS),
        },
    )


def _listed(reasons: Mapping[str, str], steps: Mapping[str, str]) -> str:
    rows = [(f"`{reason}`", meaning, steps[reason]) for reason, meaning in reasons.items()]
    return "\n".join(table("reason | meaning | next step", rows))


PAGE: Final = Page("reasons.md", page)
