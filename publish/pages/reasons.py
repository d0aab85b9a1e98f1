"""docs/reasons.md: its two lists of reasons, from what refuses records and files."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from ingest.refusals import FILE_REASONS, RECORD_REASONS
from publish.pages.page import DOCS, Page, filled, table


def page() -> str:
    """The page with every reason that there is."""
    return filled(
        DOCS / "reasons.md", {"records": _listed(RECORD_REASONS), "files": _listed(FILE_REASONS)}
    )


def _listed(reasons: Mapping[str, str]) -> str:
    rows = [(f"`{reason}`", meaning) for reason, meaning in reasons.items()]
    return "\n".join(table("reason | meaning", rows))


PAGE: Final = Page("reasons.md", page)
