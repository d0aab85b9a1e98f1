"""Reading the pages of the site back: links, text, cells of tables."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

KNOWN_TAGS = frozenset(
    "html head meta title link body a p strong header nav ul li main form label input button"
    " h1 h2 h3 h4 div dl dt dd figure figcaption img details summary table caption thead tbody tr"
    " th td footer script section span code pre em ol hr br iframe".split()
)


@dataclass
class Read:
    """What a page holds: addresses it leads to, ids, tags, the rows of its tables as text."""

    addresses: list[str] = field(default_factory=list)
    ids: set[str] = field(default_factory=set)
    tags: set[str] = field(default_factory=set)
    attributes: set[str] = field(default_factory=set)
    rows: list[list[str]] = field(default_factory=list)
    text: str = ""


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.read = Read()
        self._in_cell = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.read.tags.add(tag)
        for name, value in attrs:
            self.read.attributes.add(name)
            if name in ("href", "src"):
                self.read.addresses.append(value or "")
            if name == "id":
                self.read.ids.add(value or "")
        if tag == "tr":
            self.read.rows.append([])
        if tag in ("td", "th") and self.read.rows:
            self.read.rows[-1].append("")
            self._in_cell = True

    def handle_endtag(self, tag: str) -> None:
        if tag in ("td", "th"):
            self._in_cell = False

    def handle_data(self, data: str) -> None:
        self.read.text += data
        if self._in_cell:
            self.read.rows[-1][-1] += data


def read_page(path: Path) -> Read:
    """A page as a browser without scripts reads it."""
    reader = _Reader()
    reader.feed(path.read_text(encoding="utf-8"))
    return reader.read


def broken_links(folder: Path) -> list[str]:
    """Addresses in the pages of a site that lead nowhere within it."""
    folder = folder.resolve()
    pages = {path: read_page(path) for path in folder.rglob("*.html")}
    broken = []
    for path, page in pages.items():
        for address in page.addresses:
            parts = urlsplit(address)
            if parts.scheme in ("http", "https"):
                continue
            target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            if target.is_relative_to(beside := folder.parent / "gates"):
                # Of the home and not of the published file: there where a whole home is.
                if beside.exists() and not target.is_file():
                    broken.append(f"{path.relative_to(folder)}: {address}")
                continue
            is_there = target.is_file() and target.is_relative_to(folder)
            if not is_there or (parts.fragment and parts.fragment not in pages[target].ids):
                broken.append(f"{path.relative_to(folder)}: {address}")
    return broken
