"""Search over the pages, for where they are served: an index that the reader's browser reads.

Pages that are opened as files can't load it; there the list from A to Z serves.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Final

from core.errors import TakeupError
from publish.pages.site.model import Page

FOLDER: Final = "search"
_OF_ITS_OWN_PAGES: Final = ("pagefind-*ui.*", "pagefind-highlight.js")
"""What the indexer lays beside the index, and no page of ours asks for."""


def search_page() -> Page:
    """The page to search on."""
    return Page(path="search.html", title="Search", template="search", content={})


def index(folder: Path) -> None:
    """Make the index of the pages in a folder, within it.

    Raises:
        TakeupError: the indexer failed.
    """
    bundle = folder / FOLDER
    done = subprocess.run(
        [sys.executable, "-m", "pagefind", "--site", str(folder), "--output-path", str(bundle)],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        said = " ".join((done.stderr or done.stdout).split())
        raise TakeupError(f"the pages could not be indexed for search: {said[-300:]}")
    for pattern in _OF_ITS_OWN_PAGES:
        for path in bundle.glob(pattern):
            path.unlink()
