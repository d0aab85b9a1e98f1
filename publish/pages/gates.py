"""docs/gates.md: its list of expectations, from the suites."""

from __future__ import annotations

from typing import Final

from publish.pages.page import DOCS, Page, filled


def page() -> str:
    """The page with the list as the suites have it."""
    from expectations.reference import reference

    return filled(DOCS / "gates.md", {"expectations": reference()})


PAGE: Final = Page("gates.md", page)
