"""The first bytes of a CSV: enough to know a file by, and to say what is wrong with its form."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator, Sequence
from itertools import islice

from ingest.landing.inspection import SAVE_AS
from ingest.refusals import FileRejected

SEPARATORS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "vertical bars"}
MOST_TITLE_ROWS = 20

Knows = Callable[[Sequence[str]], bool]
"""Whether names of columns are those of a source."""


def rows_of_head(head: bytes, *, separator: str = ",") -> Iterator[list[str]]:
    """Whole rows that are not blank, without spaces around cells, as far as they can be read."""
    text = head.decode("utf-8-sig", "replace")
    whole = text[: text.rfind("\n") + 1] or text
    try:
        for row in csv.reader(io.StringIO(whole, newline=""), delimiter=separator):
            if any(cell.strip() for cell in row):
                yield [cell.strip() for cell in row]
    except csv.Error:
        return


def column_of_head(head: bytes, name: str) -> list[str] | None:
    """Cells of a column below the header, none where there is no such column.

    None where no row is below the header.
    """
    header, *rows = list(rows_of_head(head)) or [[]]
    if not rows:
        return None
    if name not in header:
        return []
    at = header.index(name)
    return [row[at] for row in rows if len(row) == len(header)]


def has_header(head: bytes, knows: Knows) -> bool:
    """Whether names that a source knows are near the top, even where the file can't be read so."""
    return _find_header(head, knows) is not None


def check_form(head: bytes, knows: Knows) -> None:
    """Refuse a table that is a CSV only for a spreadsheet, saying how to save it.

    Raises:
        FileRejected: `bad_header`, other separators, or rows above the header.
    """
    found = _find_header(head, knows)
    if found is None or found == (",", 0):
        return
    separator, titles = found
    first = next(rows_of_head(head), [""])[0]
    if first.casefold().startswith("sep="):
        what = f"its first line is {first!r}, which is for Excel alone"
    elif separator != ",":
        what = f"its cells are separated by {SEPARATORS[separator]}, not by commas"
    else:
        above = "a row is" if titles == 1 else f"{titles} rows are"
        raise FileRejected("bad_header", f"{above} above the header: take away all above it")
    raise FileRejected("bad_header", f"{what}: {SAVE_AS}")


def _find_header(head: bytes, knows: Knows) -> tuple[str, int] | None:
    """Separator of the known names, and how many rows are above them."""
    if head.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] in (b"{", b"[", b"<"):
        return None  # JSON or HTML, of which many small files may land
    for separator in SEPARATORS:
        rows = islice(rows_of_head(head, separator=separator), MOST_TITLE_ROWS)
        for above, names in enumerate(rows):
            if knows(names):
                return separator, above
    return None
