"""How a page of docs/ is made by a program, most of them from the published file of a home.

The module of a page has its queries and its words; `python -m` with its name writes the page.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from core.errors import TakeupError, UsageError
from core.settings import PROJECT_ROOT, Settings

DOCS: Final = PROJECT_ROOT / "docs"

Row = tuple[Any, ...]
Answers = Callable[[str], list[Row]]
"""Gives every row of a query's answer."""


@contextmanager
def answers_of(published_file: Path) -> Iterator[Answers]:
    """What answers the queries of a page, as long as the published file is open.

    Raises:
        UsageError: there is no such file.
    """
    from publish.database import reading

    if not published_file.is_file():
        raise UsageError(f"no published file: {published_file}")
    with reading(published_file) as connection:
        yield lambda query: connection.execute(query).fetchall()


def opening(title: str, *, command: str, says: str) -> Iterator[str]:
    """The page's title, and that `command` wrote it from the published file of a home.

    `says` goes on with that sentence: which home, and what else is to know before the figures.
    """
    yield f"# {title}"
    yield ""
    yield f"Written by `{command}` from the published file of a home{says}"
    yield ""


def is_current(page: Path, text: str) -> bool:
    """Whether the page is there and reads so."""
    return page.is_file() and page.read_text(encoding="utf-8") == text


def write(page: Path, text: str) -> None:
    """Write a page that is not current, and print what was done."""
    was_current = is_current(page, text)
    if not was_current:
        page.write_text(text, encoding="utf-8")
    print(f"docs/{page.name}: {'was current' if was_current else 'written'}")


def write_from_home(
    arguments: Sequence[str], *, command: str, page: Path, text_of: Callable[[Path], str]
) -> int:
    """Run `command`, whose one argument is a home, and give its exit code.

    `text_of` makes the page's text from the path of the home's published file.
    """
    try:
        if len(arguments) != 1:
            raise UsageError(f"usage: {command}")
        write(page, text_of(Settings.load(Path(arguments[0])).published_file))
    except TakeupError as error:
        print(error, file=sys.stderr)
        return error.exit_code
    return 0
