"""The table of a return in a workbook, found by its header: rows as a CSV of it would give them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from ingest.landing.workbooks import Cell, Row, column_letters, open_workbook
from ingest.refusals import FileRejected

if TYPE_CHECKING:
    from ingest.sources.csv_text import Rows

Knows = Callable[[Sequence[str]], bool]
MOST_TITLE_ROWS: Final = 20
"""Rows that may stand above the header."""


def has_table(path: Path, knows: Knows) -> bool:
    """Whether a sheet has names that a source knows near its top.

    Raises:
        FileRejected: the workbook can't be read.
    """
    with open_workbook(path) as book:
        heads = (book.rows(sheet, most=MOST_TITLE_ROWS) for sheet in book.sheets())
        return any(_header_of(head, knows) is not None for head in heads)


def open_rows(
    path: Path, knows: Knows, *, most: int | None = None
) -> tuple[list[str], Iterator[Rows]]:
    """Names of the table's header and the rows below it, as `csv_text.open_rows` gives them.

    A row's position is its number in the sheet. At `most` so many rows of each sheet are read.

    Raises:
        FileRejected: `several_tables`, `formulas` with the first such cell, or the workbook can't
            be read.
    """
    with open_workbook(path) as book:
        tables = [
            (sheet.name, rows, at)
            for sheet in book.sheets()
            for rows in [book.rows(sheet, most=most)]
            for at in [_header_of(rows, knows)]
            if at is not None
        ]
    if len(tables) > 1:
        named = ", ".join(repr(name[:100]) for name, _, _ in tables)
        raise FileRejected("several_tables", f"sheets {named}: leave one")
    ((name, rows, at),) = tables or [("", [], 0)]
    table = rows[at:]
    _refuse_formulas(name, table)
    if not table:
        return [], iter(())
    names = _texts(table[0][1])
    return names, iter([_as_rows(table[1:], names)])


def _header_of(rows: Sequence[Row], knows: Knows) -> int | None:
    """Which of the first rows is the header."""
    for at, (_, cells) in enumerate(rows[:MOST_TITLE_ROWS]):
        if knows(_texts(cells)):
            return at
    return None


def _texts(cells: dict[int, Cell]) -> list[str]:
    """Cells of a row from column A on to its last one, without spaces around them."""
    return [cells[at].text.strip() if at in cells else "" for at in range(max(cells) + 1)]


def _refuse_formulas(sheet: str, table: Sequence[Row]) -> None:
    found = [
        f"{column_letters(column)}{number}"
        for number, cells in table
        for column, cell in sorted(cells.items())
        if cell.is_formula
    ]
    if found:
        others = f" and {len(found) - 1:,} others" if len(found) > 1 else ""
        raise FileRejected("formulas", f"cell {found[0]} of sheet {sheet[:100]!r}{others}")


def _as_rows(table: Sequence[Row], names: Sequence[str]) -> Rows:
    import pyarrow as pa

    from ingest.landing.records import record_table
    from ingest.sources.csv_text import Rows

    wide = [(number, cells) for number, cells in table if max(cells) >= len(names)]
    rows = [(number, cells) for number, cells in table if max(cells) < len(names)]
    empty = Cell("", is_formula=False)
    columns = {
        f"c{at}": pa.array([cells.get(at, empty).text for _, cells in rows], pa.string())
        for at in range(len(names))
    }
    return Rows(
        pa.table({"position": pa.array([number for number, _ in rows], pa.int64())} | columns),
        record_table(
            position=[number for number, _ in wide],
            raw=[json.dumps(_texts(cells), ensure_ascii=False) for _, cells in wide],
            reason=["wrong_width"] * len(wide),
            detail=[f"{max(cells) + 1} cells, the header has {len(names)}" for _, cells in wide],
        ),
    )
