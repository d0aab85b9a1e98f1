"""Workbooks for tests: returns as a spreadsheet saves them, and ones that nobody should open."""

from __future__ import annotations

import datetime as dt
import io
import re
import zipfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from ingest.sources.mi_template import COLUMNS

DAY = dt.datetime.fromisoformat("2015-04-20")
RETURN: Mapping[str, Any] = {
    "department_id": "dwp",
    "service_id": "dwp-carers-allowance-new-claims",
    "service_name": "Carer's Allowance",
    "period_kind": "quarter",
    "period_start": dt.datetime.fromisoformat("2015-01-01"),
    "period_end": dt.datetime.fromisoformat("2015-03-31"),
    "breakdown": "online",
    "measure": "completed",
    "count": 1234.0,
    "submitted_on": DAY,
}


class Formula(str):
    """A cell that is worked out."""


class Error(str):
    """A cell that holds a spreadsheet's error."""


def workbook(
    *rows: Mapping[str, Any],
    names: Sequence[str] = tuple(COLUMNS),
    sheets: Sequence[str] = ("Return",),
    above: Sequence[str] = (),
    change: Callable[[Any, Any], None] | None = None,
) -> bytes:
    """A workbook with the same rows in each of some sheets, values as they are given.

    Args:
        above: titles above the header, a row each.
        change: what else to do with the workbook and its first sheet.
    """
    from xlsxwriter import Workbook

    stream = io.BytesIO()
    book = Workbook(stream, {"in_memory": True, "strings_to_urls": False})
    book.set_properties({"created": DAY})
    styles = {dt.datetime: book.add_format({"num_format": "dd/mm/yyyy"})}
    made = [book.add_worksheet(name) for name in sheets]
    for sheet in made:
        for at, text in enumerate(above):
            sheet.write_string(at, 0, text)
        for column, name in enumerate(names):
            sheet.write_string(len(above), column, name)
            for number, row in enumerate(rows, start=len(above) + 1):
                _write(sheet, number, column, row.get(name, ""), styles)
    if change is not None:
        change(book, made[0])
    book.close()
    return stream.getvalue()


def _write(sheet: Any, row: int, column: int, value: Any, styles: Mapping[type, Any]) -> None:
    match value:
        case Error():
            # A formula's stored value is the one way in which the library writes an error.
            sheet.write_formula(row, column, f"={value}", None, value)
        case Formula():
            sheet.write_formula(row, column, value, None, 7)
        case dt.datetime():
            sheet.write_datetime(row, column, value, styles[dt.datetime])
        case bool():
            sheet.write_boolean(row, column, value)
        case int() | float():
            sheet.write_number(row, column, value)
        case "":
            pass
        case _:
            sheet.write_string(row, column, value)


def with_parts(
    content: bytes,
    changed: Mapping[str, Callable[[bytes], bytes]] = {},
    added: Iterable[tuple[str, bytes]] = (),
) -> bytes:
    """A workbook with some parts changed and others added, packed as a spreadsheet packs it."""
    stream = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as before,
        zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as after,
    ):
        for name in before.namelist():
            part = changed.get(name, bytes)(before.read(name))
            after.writestr(zipfile.ZipInfo(name), part, zipfile.ZIP_DEFLATED)
        for name, part in added:
            after.writestr(zipfile.ZipInfo(name), part, zipfile.ZIP_DEFLATED)
    return stream.getvalue()


def as_errors(content: bytes) -> bytes:
    """A workbook whose errors are stored ones: their formulas are taken out."""
    return with_parts(
        content,
        {"xl/worksheets/sheet1.xml": lambda part: re.sub(rb"<f>=?#[^<]*</f>", b"", part)},
    )


PLAIN = workbook(RETURN)
HOSTILE: Mapping[str, tuple[bytes, str, str]] = {
    "formula.xlsx": (workbook(RETURN | {"count": Formula("=1+2")}), "formulas", "cell I2"),
    "two-tables.xlsx": (
        workbook(RETURN, sheets=("Return", "Return (2)")),
        "several_tables",
        "'Return (2)'",
    ),
    "macros.xlsm": (with_parts(PLAIN, added=[("xl/vbaProject.bin", b"x")]), "macros", ""),
    "linked.xlsx": (
        workbook(
            RETURN, change=lambda _, sheet: sheet.write_url(30, 0, "https://example.gov.uk/a")
        ),
        "external_links",
        "https://example.gov.uk/a",
    ),
    "of-other-books.xlsx": (
        with_parts(PLAIN, added=[("xl/externalLinks/externalLink1.xml", b"<a/>")]),
        "external_links",
        "",
    ),
    "locked.xlsx": (
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504) + "EncryptedPackage".encode("utf-16-le"),
        "encrypted",
        "password",
    ),
    "bomb.xlsx": (
        with_parts(PLAIN, added=[("xl/media/nothing.bin", bytes(4 * 1024 * 1024))]),
        "archive_too_large",
        "times its size",
    ),
    "entities.xlsx": (
        with_parts(
            PLAIN,
            {
                "xl/worksheets/sheet1.xml": lambda part: part.replace(
                    b"<worksheet", b'<!DOCTYPE w [<!ENTITY a "aa">]><worksheet', 1
                )
            },
        ),
        "unsafe_xml",
        "document type",
    ),
    "cut-inside.xlsx": (
        with_parts(PLAIN, {"xl/worksheets/sheet1.xml": lambda part: part[:-100]}),
        "corrupt",
        "workbook",
    ),
    "of-something-else.xlsx": (
        workbook({"name": "x"}, names=("name", "value")),
        "unrecognised",
        "without a return",
    ),
}
"""What is refused: content, reason and a part of the detail."""
