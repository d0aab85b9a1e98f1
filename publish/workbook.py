"""The accessible workbook of a pack: its tables for reading, rounded, one table a sheet.

It follows the Analysis Function's guidance on spreadsheets, by `gptables`. It holds values only, no
formulas and no links.
"""

from __future__ import annotations

import datetime as dt
import io
import re
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from core.spreadsheet import neutralise
from publish.display import day, percentage, percentage_points, printable
from publish.pack_files import PackTable
from publish.pack_summary import Summary

if TYPE_CHECKING:
    import pandas as pd
    from gptables import GPTable

WORKBOOK: Final = "take-up.xlsx"
NOT_THERE: Final = "[x]"
SHORTHAND: Final = f"{NOT_THERE} is a value that is not available."
_LONGEST: Final = 32_000
"""Characters of a cell; a spreadsheet takes no more than 32,767."""
_NO_LETTER: Final = re.compile(r"[^a-zA-Z0-9]*")

Cell = str | int | float
Show = Callable[[Any], Cell]


def _text(value: Any) -> Cell:
    """Text as the CSV has it. What `gptables` would take for a link or a note is broken up, and
    what has no letter that it knows says so: it refuses cells of signs alone."""
    shown = neutralise(printable(str(value)))[:_LONGEST].replace("](", "] (").replace("$$", "$ $")
    if not shown.strip():
        return NOT_THERE
    return f"{shown} (as given)" if _NO_LETTER.fullmatch(shown) else shown


def _words(value: Any) -> Cell:
    return _text(str(value).replace("_", " "))


def _number(value: Any) -> Cell:
    return round(value) if isinstance(value, float) and value.is_integer() else value


def _percent(value: Any) -> Cell:
    return float(percentage(value).removesuffix("%"))


def _points(value: Any) -> Cell:
    shown = percentage_points(value).removesuffix(" pp")
    return shown if "<" in shown else float(shown)


def _yes(value: Any) -> Cell:
    return "yes" if value else "no"


def _day(value: Any) -> Cell:
    return day(value)


@dataclass(frozen=True)
class Sheet:
    """One sheet: its label and title, the pack's table that it shows, and its columns: heading,
    column of the table, and how a value is shown."""

    label: str
    title: str
    table: str
    columns: tuple[tuple[str, str, Show], ...]


SHEETS: Final = (
    Sheet(
        "Departments",
        "Digital take-up by department, those with most offline transactions first",
        "departments_rolling_year",
        (
            ("Department", "department_name", _text),
            ("Year to", "period_end", _day),
            ("Offline transactions", "offline_count", _number),
            ("Digital transactions", "digital_count", _number),
            ("All transactions", "total_count", _number),
            ("Take-up of what is measured (%)", "take_up_ratio", _percent),
            ("Lowest with what is missing (%)", "take_up_lower", _percent),
            ("Highest with what is missing (%)", "take_up_upper", _percent),
            ("Transactions covered (%)", "coverage_ratio", _percent),
            ("Coverage", "coverage_status", _words),
            ("Services active", "services_active", _number),
            ("Services measured", "services_measured", _number),
        ),
    ),
    Sheet(
        "Services by offline volume",
        "Services by the transactions that are not digital, most first",
        "offline_volumes_rolling_year",
        (
            ("Service", "service_name", _text),
            ("Department", "department_name", _text),
            ("Year to", "period_end", _day),
            ("Offline transactions", "offline_count", _number),
            ("All transactions", "total_count", _number),
            ("Of all offline transactions (%)", "offline_share", _percent),
            ("Running share (%)", "cumulative_share", _percent),
            ("Change in a year", "change_count", _number),
        ),
    ),
    Sheet(
        "Targets",
        "Targets as they stood at the end of the quarter",
        "target_attainment",
        (
            ("Target", "target_id", _text),
            ("Service", "service_name", _text),
            ("Target (%)", "target_ratio", _percent),
            ("Due", "due_on", _day),
            ("Period", "period_kind", _words),
            ("Measured (%)", "measured_ratio", _percent),
            ("Measured to", "measured_period_end", _day),
            ("Gap (percentage points)", "gap_pp", _points),
            ("Verdict", "verdict", _words),
            ("Latest (%)", "latest_ratio", _percent),
            ("Latest to", "latest_period_end", _day),
            ("Latest says", "latest_says", _words),
            ("Reason", "reason", _text),
        ),
    ),
    Sheet(
        "Promises",
        "Promises that reports make, and what later reports say of them",
        "promises",
        (
            ("Promise", "promise", _text),
            ("Department", "department_id", _text),
            ("Due", "due_on", _day),
            ("What reports say", "reported", _words),
            ("How far", "progress", _words),
            ("Document", "document", _text),
            ("Line", "line", _number),
        ),
    ),
    Sheet(
        "Missing",
        "Services without a figure, and returns that are outstanding or without commentary",
        "missing",
        (
            ("Service", "service_name", _text),
            ("Department", "department_name", _text),
            ("Quarter to", "period_end", _day),
            ("Why", "status", _words),
            ("Assumed transactions", "assumed_count", _number),
            ("Last counted", "last_total_count", _number),
            ("Last counted to", "last_period_end", _day),
            ("Return outstanding", "is_return_outstanding", _yes),
            ("Return was due", "due_on", _day),
            ("Commentary missing", "is_commentary_missing", _yes),
            ("Commentary needed for", "commentary_needed_for", _words),
        ),
    ),
    Sheet(
        "Changed",
        "Figures that were changed, those that moved take-up most first",
        "changed_figures",
        (
            ("Service", "service_name", _text),
            ("Period to", "period_end", _day),
            ("Quantity", "quantity", _words),
            ("Before", "old_value", _number),
            ("After", "new_value", _number),
            ("Take-up moved by (percentage points)", "effect_pp", _points),
            ("Cause that a source states", "cause", _text),
        ),
    ),
)


def workbook_bytes(
    tables: Mapping[str, PackTable], summary: Summary, *, notes: Sequence[str], moment: str
) -> bytes:
    """The workbook of a pack, the same bytes for the same pack.

    `tables` are the pack's by name, `moment` is when they were known: the workbook's own date.
    """
    from gptables import Cover, produce_workbook

    said = [(heading, text) for heading, sentences in summary.sections for text in sentences]
    sheets = {
        "Summary": _sheet("Summary", "Summary", {"About": 0, "What the data says": 1}, said),
        **{
            sheet.label: _data_sheet(sheet, tables[sheet.table])
            for sheet in SHEETS
            if sheet.table in tables and set(_columns(sheet)) <= set(tables[sheet.table].columns)
        },
        "Notes": _sheet(
            "Notes", "Notes", {"Number": 0, "Note": 1}, list(enumerate(notes, start=1))
        ),
    }
    stream = io.BytesIO()
    simulated = ["Simulated data: nobody measured these figures."] if summary.is_simulated else []
    with warnings.catch_warnings():
        # Every missing value has its shorthand; the notes are a sheet of their own.
        warnings.simplefilter("ignore")
        book = produce_workbook(
            stream,
            sheets,
            cover=Cover(
                title=summary.title,
                intro=[
                    *simulated,
                    "Management information, not official statistics.",
                    summary.known,
                    "Figures are rounded for reading; the CSV files hold the full values.",
                    SHORTHAND,
                ],
            ),
            contentsheet_location="cover",
            workbook_options={
                "in_memory": True,
                "strings_to_formulas": False,
                "strings_to_urls": False,
                "strings_to_numbers": False,
            },
        )
    made = dt.datetime.fromisoformat(moment).replace(tzinfo=None, microsecond=0)
    book.set_properties({"title": summary.title, "created": made})
    book.close()
    return stream.getvalue()


def _columns(sheet: Sheet) -> list[str]:
    return [column for _, column, _ in sheet.columns]


def _data_sheet(sheet: Sheet, table: PackTable) -> GPTable:
    shown = [
        [NOT_THERE if value is None else show(value) for value in table.values(column)]
        for _, column, show in sheet.columns
    ]
    headings = {heading: place for place, (heading, *_) in enumerate(sheet.columns)}
    return _sheet(sheet.label, sheet.title, headings, list(zip(*shown, strict=True)))


def _sheet(
    label: str, title: str, headings: Mapping[str, int], rows: Sequence[tuple[Any, ...]]
) -> GPTable:
    from gptables import GPTable

    return GPTable(
        table=_frame(headings, rows),
        table_name=label.lower().replace(" ", "_"),
        title=title,
        instructions=f"This worksheet contains one table. {SHORTHAND}",
        index_columns={2: 0},
    )


def _frame(headings: Mapping[str, int], rows: Sequence[tuple[Any, ...]]) -> pd.DataFrame:
    import pandas as pd

    shown = [[_text(value) if isinstance(value, str) else value for value in row] for row in rows]
    return pd.DataFrame(shown, columns=list(headings), dtype=object)
