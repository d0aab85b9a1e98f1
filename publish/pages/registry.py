"""Every generated page of docs/, and the one command that writes or checks them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from core.errors import TakeupError
from publish.pages import (
    architecture,
    claims,
    data_dictionary,
    gates,
    measures,
    projections,
    promises,
    quality,
    questions,
    reasons,
)
from publish.pages.page import COMMAND, COMMAND_WITH_HOME, Page

PAGES: Final = (
    architecture.PAGE,
    data_dictionary.PAGE,
    gates.PAGE,
    measures.PAGE,
    reasons.PAGE,
    quality.PAGE,
    claims.PAGE,
    promises.PAGE,
    questions.PAGE,
    projections.PAGE,
)
"""In the order in which they are written: those that need a home last, the slowest at the end."""


def write_pages(published_file: Path | None, *, pages: Sequence[Page] = PAGES) -> list[str]:
    """Write what is not current; without a published file, the pages that need none.

    Returns:
        A line for each page: what was done.
    """
    told = []
    for page, text in _texts(published_file, pages):
        was_current = page.is_current(text)
        if not was_current:
            page.path.write_text(text, encoding="utf-8")
        told.append(f"docs/{page.name}: {'was current' if was_current else 'written'}")
    return told


def check_pages(published_file: Path | None, *, pages: Sequence[Page] = PAGES) -> list[str]:
    """As `write_pages`, but nothing is written.

    Raises:
        TakeupError: a page is not current; it names them all.
    """
    texts = _texts(published_file, pages)
    stale = [page for page, text in texts if not page.is_current(text)]
    if stale:
        names = ", ".join(f"docs/{page.name}" for page in stale)
        command = COMMAND_WITH_HOME if any(page.needs_home for page in stale) else COMMAND
        raise TakeupError(f"out of date: {names}: run `{command}`")
    return [f"docs/{page.name}: current" for page, _ in texts]


def _texts(published_file: Path | None, pages: Sequence[Page]) -> list[tuple[Page, str]]:
    """Pages and what they have to say; all of them are made before anything is written."""
    return [
        (page, page.text(published_file) if page.needs_home else page.text())
        for page in pages
        if published_file is not None or not page.needs_home
    ]
