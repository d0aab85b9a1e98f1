"""What a page of the site is made of: tables, charts, and the values in their cells.

All text is text: templates escape it, so a service whose name is HTML shows as its name.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

Row = dict[str, Any]

LONG: Final = 60
"""Characters from which on a cell's text wants a wide column."""

_PLAIN: Final = re.compile(r"[a-z0-9][a-z0-9_-]{0,99}")


def file_name_of(identifier: str) -> str:
    """An identifier as the name of a file or folder: itself where it is plain, else its hash."""
    if _PLAIN.fullmatch(identifier):
        return identifier
    return "x-" + hashlib.sha256(identifier.encode("utf-8", "surrogatepass")).hexdigest()[:32]


@dataclass(frozen=True)
class Link:
    """Text that leads to another page of the site, by its path from the site's root."""

    text: str
    path: str


Cell = str | Link | None
"""What a table's cell holds, as people read it; None where there is nothing to show."""


@dataclass(frozen=True)
class Table:
    """A table as it is shown, one tuple of cells a row.

    Args:
        columns: headings; one that begins with `>` is of numbers, and aligned right.
        note: what stands in its place where it has no rows.
    """

    caption: str
    columns: tuple[str, ...]
    rows: Sequence[tuple[Cell, ...]]
    note: str = ""
    download: str = ""
    """Path of the file that holds its values whole, from the site's root."""

    download_name: str = ""
    """What that file holds, where it is more than this table."""

    @property
    def headings(self) -> list[tuple[str, str]]:
        """Each heading, and the class of its column: `number`, `long` or none."""
        return [
            (name.removeprefix(">"), "number" if name.startswith(">") else self._width(number))
            for number, name in enumerate(self.columns)
        ]

    def _width(self, column: int) -> str:
        texts = (row[column] for row in self.rows)
        longest = max((len(text) for text in texts if isinstance(text, str)), default=0)
        return "long" if longest > LONG else ""


@dataclass(frozen=True)
class Download:
    """A file of values as they are stored: a header and rows, for a program to read."""

    path: str
    columns: tuple[str, ...]
    rows: Sequence[tuple[Any, ...]]


def download_of(path: str, rows: Sequence[Row]) -> Download:
    """Rows, of which there is one at least, as a file."""
    return Download(path, tuple(rows[0]), [tuple(row.values()) for row in rows])


@dataclass(frozen=True)
class Chart:
    """A chart: what Vega-Lite is to draw, what it says in words, and its figures as a table."""

    title: str
    says: str
    spec: Mapping[str, Any]
    table: Table

    @property
    def file_name(self) -> str:
        """Named by what is drawn, so that an unchanged chart is not drawn again."""
        from json import dumps

        text = dumps(self.spec, sort_keys=True, default=str)
        return f"charts/{hashlib.sha256(text.encode()).hexdigest()[:24]}.svg"


@dataclass(frozen=True)
class Page:
    """One page.

    Args:
        path: from the site's root, such as `services/some-service.html`.
        template: name of its template, without `.html`.
        content: what the template is given.
    """

    path: str
    title: str
    template: str
    content: Mapping[str, Any]
    charts: tuple[Chart, ...] = ()
    downloads: tuple[Download, ...] = field(default=())

    @property
    def root(self) -> str:
        """The way from this page to the site's root."""
        return "../" * self.path.count("/")
