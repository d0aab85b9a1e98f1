"""The template of a return as an accessible workbook: how to fill it in, the table, its columns.

It follows the Analysis Function's guidance on spreadsheets: one table a sheet from its first cell
on, no merged cells, no formulas, links or macros, nothing told by colour alone. Same template, same
bytes.
"""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from ingest.sources.mi_template import COMMENTARY_NEEDED, COMMENTARY_RULE, Template

if TYPE_CHECKING:
    from xlsxwriter.workbook import Workbook
    from xlsxwriter.worksheet import Worksheet

TABLE: Final = "Return"
LISTS: Final[Mapping[str, tuple[str, ...]]] = {
    "period_kind": ("day", "week", "month", "quarter", "financial_year", "year"),
    "measure": ("started", "received", "processed", "completed"),
    "status": ("provided", "not_provided", "not_applicable", "withdrawn", "suppressed"),
    "assurance": ("unassured", "department", "audited"),
}
"""Columns that take words of a closed list; `breakdown` takes those of the register besides."""
NOT_CHANNELS: Final = ("digital", "assisted_digital", "non_digital", "total")
DAYS: Final = ("period_start", "period_end", "submitted_on", "signed_off_on", "due_on")
WIDE: Final = ("service_id", "service_name", "note", "commentary", COMMENTARY_NEEDED)
ROWS_FOR_MORE: Final = 200
"""Rows below the template's own for which the lists hold too."""
HOW: Final = (
    "Fill in one number per row of the sheet Return, and keep its first row.",
    "Add rows for channels that are not listed; delete rows of services that you no longer run.",
    "Type values. A return with formulas, links to other files or macros is sent back.",
    "Leave blank what is not known: a blank is not zero.",
    COMMENTARY_RULE,
    "The sheet Notes says what belongs into each column.",
    "Save it as .xlsx, or as CSV in UTF-8, and send it to whoever asked for it.",
)
_OPTIONS: Final = {
    "in_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}


def workbook_of(template: Template, *, seeds: Path) -> bytes:
    """A template as a workbook."""
    from xlsxwriter import Workbook

    stream = io.BytesIO()
    book = Workbook(stream, _OPTIONS)
    # Its own date is the quarter's: today's would make other bytes every day.
    made = dt.datetime.combine(template.quarter.end, dt.time())
    book.set_properties({"title": template.title, "created": made})
    _add_cover(book, template)
    _add_return(book, template, _lists(seeds))
    rows = list(template.described().items())
    _add_table(book, "Notes", ("Column", "What belongs there"), rows, widths=(24, 100))
    book.close()
    return stream.getvalue()


def _lists(seeds: Path) -> dict[str, tuple[str, ...]]:
    from core.registers import load_register

    channels = (row["channel"] for row in load_register("channels", seeds))
    return {**LISTS, "breakdown": (*channels, *NOT_CHANNELS)}


def _add_cover(book: Workbook, template: Template) -> None:
    sheet = book.add_worksheet("How to fill in")
    sheet.set_column(0, 0, 100)
    wrapped = book.add_format({"text_wrap": True, "valign": "top"})
    sheet.write_string(0, 0, template.title, book.add_format({"bold": True, "font_size": 16}))
    due = [] if template.due_on is None else [f"It is due on {template.due_on:%-d %B %Y}."]
    for row, text in enumerate([*due, *HOW], start=1):
        sheet.write_string(row, 0, text, wrapped)


def _add_return(book: Workbook, template: Template, lists: Mapping[str, Sequence[str]]) -> None:
    rows = [[row.get(name, "") for name in template.columns] for row in template.rows]
    widths = [40 if name in WIDE else max(14, len(name) + 2) for name in template.columns]
    sheet = _add_table(book, TABLE, template.columns, rows, widths=widths)
    last = len(rows) + ROWS_FOR_MORE
    day = book.add_format({"num_format": "yyyy-mm-dd"})
    for column, name in enumerate(template.columns):
        if name in DAYS:
            for number, row in enumerate(rows, start=1):
                _write_day(sheet, number, column, row[column], day)
        if name in lists:
            sheet.data_validation(
                1,
                column,
                last,
                column,
                {
                    "validate": "list",
                    "source": list(lists[name]),
                    "error_title": name,
                    "error_message": "Choose one of the list, or leave it blank.",
                },
            )


def _write_day(sheet: Worksheet, row: int, column: int, text: str, day: Any) -> None:
    """A day as a day, a cell for one as such."""
    if text:
        sheet.write_datetime(row, column, dt.datetime.fromisoformat(text), day)
    else:
        sheet.write_blank(row, column, None, day)


def _add_table(
    book: Workbook,
    name: str,
    columns: Sequence[str],
    rows: Sequence[Sequence[str]],
    *,
    widths: Sequence[int],
) -> Worksheet:
    """A sheet with one named table from its first cell on, the header in view."""
    sheet = book.add_worksheet(name)
    sheet.add_table(
        0,
        0,
        max(1, len(rows)),
        len(columns) - 1,
        {
            "name": f"{name.lower()}_table",
            "columns": [{"header": column} for column in columns],
            "style": "Table Style Light 1",
            "autofilter": False,
        },
    )
    for column, width in enumerate(widths):
        sheet.set_column(column, column, width)
    for number, row in enumerate(rows, start=1):
        for column, text in enumerate(row):
            if text:
                sheet.write_string(number, column, text)
    sheet.freeze_panes(1, 0)
    return sheet
