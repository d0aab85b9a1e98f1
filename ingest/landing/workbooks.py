"""Workbooks (.xlsx) as they land: the archive looked at before anything of it is unpacked, then the
values that are stored in its cells.

Nothing is worked out: a formula is told as one and never run, nor is what it once gave believed.
The parts that are read are XML without declarations of a document type, so no entity can grow.
"""

from __future__ import annotations

import posixpath
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from xml.etree import ElementTree as ET

from core.files import open_landed
from ingest.landing.cell_values import Styles, stored_text
from ingest.refusals import FileRejected

ZIP: Final = b"PK\x03\x04"
COMPOUND: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
"""First bytes of what encrypted workbooks and those before 2007 are kept in."""
ENCRYPTED: Final = "EncryptedPackage".encode("utf-16-le")
BOOK: Final = "xl/workbook.xml"
MOST_PARTS: Final = 1_000
MOST_BYTES: Final = 64 * 1024 * 1024
MOST_RATIO: Final = 200
"""How many times its packed size a part may be; a sheet full of one number is some 50 times."""
ALWAYS_FINE: Final = 1024 * 1024
"""Bytes up to which a part may be as well packed as it likes."""

Attributes = dict[str, str]
Handler = Callable[[str, Attributes, str], None]


@dataclass(frozen=True)
class Cell:
    """A cell that is not empty: what it stores as text, and whether a formula gave it."""

    text: str
    is_formula: bool


@dataclass(frozen=True)
class Sheet:
    """A sheet by its name and its part of the archive."""

    name: str
    part: str


Row = tuple[int, dict[int, Cell]]
"""A row's number as a spreadsheet shows it, and its cells by column from 0."""


def is_workbook(path: Path, head: bytes) -> bool:
    """Whether a file is an Excel workbook, by its content and whatever its name.

    Raises:
        FileRejected: `encrypted`.
    """
    if head.startswith(COMPOUND) and _has(path, ENCRYPTED):
        raise FileRejected("encrypted", "the workbook is protected by a password: save it without")
    if not head.startswith(ZIP):
        return False
    with open_landed(path) as stream:
        try:
            return BOOK in zipfile.ZipFile(stream).namelist()
        except (zipfile.BadZipFile, OSError, ValueError):
            return False


def _has(path: Path, octets: bytes) -> bool:
    with open_landed(path) as stream:
        return octets in stream.read(MOST_BYTES)


def check_archive(path: Path) -> None:
    """Refuse a workbook that holds more than values, by its list of parts: nothing is unpacked yet
    but for the small parts that say where others lead.

    Raises:
        FileRejected: `archive_too_large`, `encrypted`, `macros`, `external_links`, `unsafe_xml` or
            `corrupt`.
    """
    with _opened(path) as archive:
        parts = archive.infolist()
        _check_sizes(parts)
        for part in parts:
            name = part.filename.lower()
            if part.flag_bits & 1:
                raise FileRejected("encrypted", f"its part {part.filename[:100]!r} is encrypted")
            if name.endswith("vbaproject.bin") or name.startswith("xl/macrosheets/"):
                raise FileRejected("macros", "it holds macros: save it as .xlsx")
            if name.startswith(("xl/externallinks/", "xl/connections")):
                raise FileRejected("external_links", "it takes values from elsewhere")
        for part in parts:
            if part.filename.endswith(".rels"):
                _read(archive, part.filename, _refuse_external)


def _check_sizes(parts: list[zipfile.ZipInfo]) -> None:
    size = sum(part.file_size for part in parts)
    if len(parts) > MOST_PARTS:
        raise FileRejected("archive_too_large", f"{len(parts):,} parts; {MOST_PARTS:,} at most")
    if size > MOST_BYTES:
        raise FileRejected("archive_too_large", f"{size:,} bytes unpacked; {MOST_BYTES:,} at most")
    for part in parts:
        if part.file_size > max(ALWAYS_FINE, MOST_RATIO * part.compress_size):
            times = part.file_size // max(1, part.compress_size)
            said = f"{part.filename[:100]!r} unpacks to {times:,} times its size"
            raise FileRejected("archive_too_large", f"{said}; {MOST_RATIO} at most")


def _refuse_external(tag: str, attributes: Attributes, _: str) -> None:
    if tag == "Relationship" and attributes.get("TargetMode") == "External":
        where = attributes.get("Target", "")[:100]
        raise FileRejected("external_links", f"it leads to {where!r}: remove its links")


class Workbook:
    """A workbook that was checked; its sheets are read one at a time."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive = archive
        self._texts: list[str] | None = None
        self._styles: Styles | None = None
        self._is_1904 = False

    def sheets(self) -> list[Sheet]:
        """Its sheets of cells, in their order."""
        targets: dict[str, str] = {}
        found: list[tuple[str, str]] = []

        def relation(tag: str, attributes: Attributes, _: str) -> None:
            if tag == "Relationship" and attributes.get("Type", "").endswith("/worksheet"):
                target = attributes.get("Target", "")
                inside = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
                targets[attributes.get("Id", "")] = posixpath.normpath(inside)

        def sheet(tag: str, attributes: Attributes, _: str) -> None:
            if tag == "workbookPr":
                self._is_1904 = attributes.get("date1904") in ("1", "true")
            if tag == "sheet":
                found.append((attributes.get("name", ""), attributes.get("id", "")))

        _read(self._archive, "xl/_rels/workbook.xml.rels", relation)
        _read(self._archive, BOOK, sheet)
        return [Sheet(name, targets[key]) for name, key in found if key in targets]

    def rows(self, sheet: Sheet, *, most: int | None = None) -> list[Row]:
        """Rows of a sheet that have a cell that is not empty, at `most` so many of the first.

        Raises:
            FileRejected: `corrupt` or `unsafe_xml`.
        """
        reader = _SheetReader(self._shared_texts(), self._date_styles(), most)
        with suppress(_Enough):
            _read(self._archive, sheet.part, reader.end, reader.start)
        return reader.rows

    def _shared_texts(self) -> list[str]:
        if self._texts is None:
            self._texts = []
            if "xl/sharedStrings.xml" in self._archive.namelist():
                reader = _TextsReader(self._texts)
                _read(self._archive, "xl/sharedStrings.xml", reader.end, reader.start)
        return self._texts

    def _date_styles(self) -> Styles:
        if self._styles is None:
            self._styles = Styles(is_1904=self._is_1904)
            if "xl/styles.xml" in self._archive.namelist():
                _read(self._archive, "xl/styles.xml", self._styles.end, self._styles.start)
        return self._styles


class _TextsReader:
    """Collects the texts that cells share. How a text is pronounced (`rPh`) is no part of it."""

    def __init__(self, texts: list[str]) -> None:
        self._texts = texts
        self._pieces: list[str] = []
        self._is_said = False

    def start(self, tag: str, _: Attributes) -> None:
        if tag == "rPh":
            self._is_said = True

    def end(self, tag: str, _: Attributes, content: str) -> None:
        if tag == "t" and not self._is_said:
            self._pieces.append(content)
        elif tag == "rPh":
            self._is_said = False
        elif tag == "si":
            self._texts.append("".join(self._pieces))
            self._pieces.clear()


class _Enough(Exception):
    """All rows that were asked for are read."""


class _SheetReader:
    """Collects the cells of one sheet while its XML goes by."""

    def __init__(self, texts: list[str], styles: Styles, most: int | None) -> None:
        self.rows: list[Row] = []
        self._most = most
        self._texts, self._styles = texts, styles
        self._row, self._column = 0, -1
        self._cell: Attributes = {}
        self._value, self._is_formula = "", False
        self._cells: dict[int, Cell] = {}

    def start(self, tag: str, attributes: Attributes) -> None:
        if tag == "row":
            self._row = _number(attributes.get("r"), self._row + 1)
            self._column, self._cells = -1, {}
        elif tag == "c":
            named = "".join(filter(str.isalpha, attributes.get("r", "")))
            self._column = column_number(named) if named else self._column + 1
            self._cell, self._value, self._is_formula = attributes, "", False

    def end(self, tag: str, _: Attributes, content: str) -> None:
        if tag == "f":
            self._is_formula = True
        elif tag in ("v", "t"):
            self._value += content
        elif tag == "c":
            text = stored_text(self._cell, self._value, self._texts, self._styles)
            if text or self._is_formula:
                self._cells[self._column] = Cell(text, self._is_formula)
        elif tag == "row" and self._cells:
            self.rows.append((self._row, self._cells))
            if len(self.rows) == self._most:
                raise _Enough


def column_number(letters: str) -> int:
    """A column by its letters, from 0: `A` is 0, `AA` 26.

    Raises:
        FileRejected: `corrupt`, no spreadsheet has such a column.
    """
    number = 0
    for letter in letters.upper():
        number = number * 26 + ord(letter) - 64
    if not 0 < number <= 16_384:
        raise FileRejected("corrupt", f"workbook: no column {letters[:20]!r}")
    return number - 1


def column_letters(number: int) -> str:
    """A column's letters, by its number from 0."""
    letters = ""
    number += 1
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


@contextmanager
def open_workbook(path: Path) -> Iterator[Workbook]:
    """A workbook, checked first.

    Raises:
        FileRejected: as `check_archive` says; while reading, `corrupt` or `unsafe_xml`.
    """
    check_archive(path)
    with _opened(path) as archive:
        yield Workbook(archive)


@contextmanager
def _opened(path: Path) -> Iterator[zipfile.ZipFile]:
    try:
        with open_landed(path) as stream, zipfile.ZipFile(stream) as archive:
            yield archive
    except (zipfile.BadZipFile, zlib.error, ET.ParseError, EOFError) as error:
        raise FileRejected("corrupt", f"workbook: {error}") from error
    except (LookupError, ValueError, RuntimeError, ArithmeticError) as error:
        raise FileRejected("corrupt", f"workbook: {error}") from error


def _number(text: str | None, other: int) -> int:
    return int(text) if text else other


def _read(
    archive: zipfile.ZipFile,
    part: str,
    at_end: Handler,
    at_start: Callable[[str, Attributes], None] | None = None,
) -> None:
    """Go through one part: `at_end` is told of each element, with the text directly in it."""
    parser = ET.XMLParser(target=_Elements(at_end, at_start))
    with archive.open(part) as stream:
        while block := stream.read(1 << 16):
            parser.feed(block)
    parser.close()


class _Elements:
    """What the parser calls: elements by their names without namespaces, no document types."""

    def __init__(self, at_end: Handler, at_start: Callable[[str, Attributes], None] | None) -> None:
        self._at_end, self._at_start = at_end, at_start
        self._open: list[tuple[Attributes, list[str]]] = []

    def doctype(self, name: str, _public: str | None, _system: str | None) -> None:
        raise FileRejected("unsafe_xml", f"it declares a document type: {name[:100]}")

    def start(self, tag: str, attributes: Attributes) -> None:
        local = {_local(name): value for name, value in attributes.items()}
        self._open.append((local, []))
        if self._at_start is not None:
            self._at_start(_local(tag), local)

    def data(self, text: str) -> None:
        if self._open:
            self._open[-1][1].append(text)

    def end(self, tag: str) -> None:
        attributes, pieces = self._open.pop()
        self._at_end(_local(tag), attributes, "".join(pieces))

    def close(self) -> None:
        """Nothing is kept."""


def _local(name: str) -> str:
    return name.rpartition("}")[2]
