"""The first bytes of a CSV: enough to know a file by."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator


def rows_of_head(head: bytes) -> Iterator[list[str]]:
    """Whole rows that are not blank, without spaces around cells, as far as they can be read."""
    text = head.decode("utf-8-sig", "replace")
    whole = text[: text.rfind("\n") + 1] or text
    try:
        for row in csv.reader(io.StringIO(whole, newline="")):
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
