"""Text that a spreadsheet would run as a formula is made plain text before it goes out."""

from __future__ import annotations

import re

# What starts a formula in Excel, LibreOffice or Google Sheets; the full-width forms count as
# the plain ones where a Japanese or Chinese spreadsheet opens the file.
_STARTS = "=+\\-@\uff1d\uff0b\uff0d\uff20"

# Spreadsheets trim white space, and drop what has no width, before they look at the first
# character. A tab or a return counts by itself: it can begin a cell of its own.
_UNSEEN = "\\s\x00-\x1f\x7f-\x9f\xad\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff"

_AT_THE_START = re.compile(f"^(?=[\t\r\n]|[{_UNSEEN}]*[{_STARTS}])")

# Where a machine's list separator is the semicolon, a cell is cut there whatever its quotes say,
# and the rest begins a cell; so do tabs and line ends inside of text.
_AFTER_A_SEPARATOR = re.compile(f"([;\t\r\n][{_UNSEEN}\"']*)(?=[{_STARTS}])")


def neutralise(text: str) -> str:
    """`text` with an apostrophe before whatever a spreadsheet would take for a formula.

    For text only. A number is never passed through here, so negative ones stay numbers. Text
    that is safe comes back as it was, and doing it twice changes nothing more.
    """
    return _AT_THE_START.sub("'", _AFTER_A_SEPARATOR.sub(_with_apostrophe, text), count=1)


def _with_apostrophe(match: re.Match[str]) -> str:
    separator = match.group(1)
    return separator if separator.endswith("'") else separator + "'"
