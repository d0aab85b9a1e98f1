"""What a generated page of docs/ is, and what page makers share: queries, openings, tables.

A maker is a module with its queries and its words, and a `PAGE`; `registry.py` lists them all.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from core.errors import TakeupError, UsageError
from core.settings import PROJECT_ROOT

DOCS: Final = PROJECT_ROOT / "docs"
COMMAND: Final = "make docs"
COMMAND_WITH_HOME: Final = "make docs HOME=DIR"

Row = tuple[Any, ...]
Answers = Callable[[str], list[Row]]
"""Gives every row of a query's answer."""


@dataclass(frozen=True)
class Page:
    """A generated page of docs/.

    Args:
        name: its file's name.
        text: makes the whole page; where `needs_home`, from the path of a published file.
    """

    name: str
    text: Callable[..., str]
    needs_home: bool = False

    @property
    def path(self) -> Path:
        return DOCS / self.name

    def is_current(self, text: str) -> bool:
        """Whether the page is there and reads so."""
        return self.path.is_file() and self.path.read_text(encoding="utf-8") == text


@contextmanager
def answers_of(published_file: Path) -> Iterator[Answers]:
    """What answers the queries of a page, as long as the published file is open.

    Raises:
        UsageError: there is no such file.
    """
    with tables_of(published_file) as answer:
        yield lambda query: answer(query)[1]


@contextmanager
def tables_of(published_file: Path) -> Iterator[Callable[[str], tuple[list[str], list[Row]]]]:
    """As `answers_of`, with the names of the answer's columns before its rows.

    Raises:
        UsageError: there is no such file.
    """
    from publish.database import reading

    def answer(query: str) -> tuple[list[str], list[Row]]:
        found = connection.execute(query)
        return [column[0] for column in found.description], found.fetchall()

    if not published_file.is_file():
        raise UsageError(f"no published file: {published_file}")
    with reading(published_file) as connection:
        yield answer


def opening(title: str, *, says: str) -> Iterator[str]:
    """The title of a page that needs a home, and what wrote it.

    `says` goes on with that sentence: which home, and what else is to know before the figures.
    """
    yield f"# {title}"
    yield ""
    yield f"Written by `{COMMAND_WITH_HOME}` from the published file of a home{says}"
    yield ""


def table(columns: str, rows: Iterable[Sequence[object]]) -> Iterator[str]:
    """A table in Markdown, and the blank line after it.

    `columns` are names with ` | ` between them; numbers are aligned right, under `>name`.
    """
    names = columns.split(" | ")
    yield _line(name.removeprefix(">") for name in names)
    yield _line("---:" if name.startswith(">") else "---" for name in names)
    yield from map(_line, rows)
    yield ""


def _line(cells: Iterable[object]) -> str:
    return "| " + " | ".join("" if cell is None else str(cell) for cell in cells) + " |"


def cell(text: str) -> str:
    """Text that neither ends a cell nor its row."""
    return text.replace("|", "\\|").replace("\n", " ")


def one_line(text: str) -> str:
    """Text that was written over several lines, as one."""
    return " ".join(text.split())


def filled(page: Path, parts: Mapping[str, str]) -> str:
    """A page that a person writes, with its generated parts, by name, as they have to be.

    A part is what is between the lines `<!-- make docs: NAME -->` and `<!-- end of NAME -->`.

    Raises:
        TakeupError: the page has no such lines.
    """
    text = page.read_text(encoding="utf-8")
    for name, part in parts.items():
        begin, end = f"<!-- make docs: {name} -->\n", f"<!-- end of {name} -->\n"
        before, found, rest = text.partition(begin)
        _, also_found, after = rest.partition(end)
        if not (found and also_found):
            raise TakeupError(f"docs/{page.name} has no place for the generated part {name!r}")
        text = f"{before}{begin}\n{part.strip()}\n\n{end}{after}"
    return text
