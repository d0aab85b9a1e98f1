"""What a cell of a workbook stores, as the text that a CSV of it would hold."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from typing import Final

DATE_FORMATS: Final = frozenset({*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)})
"""Numbers of the formats of days and times that every spreadsheet has (ECMA-376, 18.8.30)."""
_NO_CODE: Final = re.compile(r'"[^"]*"|\[[^\]]*\]|\\.|_.|\*.')
_OF_DAYS: Final = re.compile("[dmyhs]", re.IGNORECASE)
MOST_WHOLE: Final = 10**15
"""Up to which a spreadsheet keeps whole numbers exactly."""


class Styles:
    """Which cell styles show a number as a day or a time, gathered while styles.xml goes by."""

    def __init__(self, *, is_1904: bool) -> None:
        self.first_day = dt.datetime.fromisoformat("1904-01-01" if is_1904 else "1899-12-30")
        self._formats: dict[int, str] = {}
        self._styles: list[int] = []
        self._is_in_cells = False

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        """An element begins: a format, or a style in the list of the cells' styles."""
        if tag == "cellXfs":
            self._is_in_cells = True
        elif tag == "numFmt":
            self._formats[int(attributes["numFmtId"])] = attributes.get("formatCode", "")
        elif tag == "xf" and self._is_in_cells:
            self._styles.append(int(attributes.get("numFmtId", 0)))

    def end(self, tag: str, _attributes: Mapping[str, str], _content: str) -> None:
        """An element ends."""
        if tag == "cellXfs":
            self._is_in_cells = False

    def is_date(self, style: int) -> bool:
        """Whether a style shows a number as a day or a time."""
        if style >= len(self._styles):
            return False
        number = self._styles[style]
        if number not in self._formats:
            return number in DATE_FORMATS
        return _OF_DAYS.search(_NO_CODE.sub("", self._formats[number])) is not None


def stored_text(cell: Mapping[str, str], value: str, texts: Sequence[str], styles: Styles) -> str:
    """The text of a cell, by its attributes and its stored value; empty where it has none.

    Whole numbers have no decimals, days are `2015-01-31`, days with a time `2015-01-31T15:30:00`, a
    spreadsheet's error is its own text (`#N/A`).
    """
    kind = cell.get("t", "n")
    if kind == "s":
        return texts[int(value)] if value else ""
    if kind == "b":
        return {"1": "true", "0": "false"}.get(value.strip(), value)
    if kind != "n":
        return value
    try:
        number = float(value)
    except ValueError:
        return value
    if styles.is_date(int(cell.get("s", 0))):
        return _moment(number, value, styles)
    if number.is_integer() and abs(number) < MOST_WHOLE:
        return str(int(number))
    shown = repr(number)
    return value.strip() if "e" in shown or "n" in shown else shown


def _moment(days: float, value: str, styles: Styles) -> str:
    """A day, with its time where it has one. Seconds are as exact as a spreadsheet keeps them."""
    try:
        moment = styles.first_day + dt.timedelta(seconds=round(days * 86_400))
    except OverflowError:
        return value
    if moment.time() == dt.time():
        return moment.date().isoformat()
    return moment.isoformat()
