"""CSV of formats of our own, read in blocks: every row ends up as cells or as a refusal.

Rows are found before they are parsed: a row ends at a line end that lies outside of quotes. So
rows are counted without the parser that loads them, memory is bounded by a block, and a quote
that is never closed costs its own line, not the rest of the file.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from typing import BinaryIO

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ingest.landing.containers import read_exactly
from ingest.landing.records import check_line_ends, newline_offsets, record_table
from ingest.refusals import FileRejected

BYTE_ORDER_MARK = b"\xef\xbb\xbf"
BLOCK_BYTES = 16 * 1024 * 1024
csv.field_size_limit(BLOCK_BYTES)  # how long a record may be is decided where records are checked
BLANK_ROW = re.compile(rb'(?:[\s,]|"\s*")*')
LONGEST_QUOTED_ROW = 1 << 20
"""Bytes after which a row of several lines is taken for one line with a stray quote."""
LONGEST_LINE = 64 * 1024 * 1024
"""Bytes without a line end after which a file is not CSV that anybody can have meant."""

CELL = r'(?:[^",\r\n]*|"[^"]*(?:""[^"]*)*")'
REGULAR_ROW = rf"^{CELL}(?:,{CELL})*\r?\n?$"
"""A row by RFC 4180: quotes around a whole cell or not at all."""
REGULAR_BYTES = re.compile(REGULAR_ROW.encode())
CELLS_BEFORE = re.compile(rf"(?:{CELL},)*".encode())
CELLS_BEHIND = re.compile(rf'"((?:,{CELL})*)\r?\n?$'.encode())


@dataclass(frozen=True)
class Rows:
    """Rows of one block: `cells` (position, c0, c1, ... as text) and refused ones as records."""

    cells: pa.Table
    refused: pa.Table


@dataclass(frozen=True)
class _Block:
    """Whole rows as bytes: where each starts and ends, which have a quote that is never closed."""

    content: bytes
    starts: np.ndarray
    ends: np.ndarray
    is_unclosed: np.ndarray
    first_position: int
    is_last: bool

    def text(self, index: int) -> bytes:
        """A row as it is."""
        return self.content[self.starts[index] : self.ends[index]]

    def row(self, index: int) -> str:
        """A row's text, without the line end."""
        return self.text(index).decode("utf-8").removesuffix("\n").removesuffix("\r")

    def part(self, start: int, end: int) -> _Block:
        """Some of the rows, which keep their positions."""
        return _Block(
            self.content,
            self.starts[start:end],
            self.ends[start:end],
            self.is_unclosed[start:end],
            self.first_position + start,
            self.is_last and end == len(self.ends),
        )


def open_rows(
    stream: BinaryIO, *, block_bytes: int = BLOCK_BYTES, keep_nameless: bool = False
) -> tuple[list[str], Iterator[Rows]]:
    """The header's names, without spaces around them, and the rows below it.

    Rows have the position that a spreadsheet shows: the header is row 1, blank rows count. A
    stream that holds nothing, or blank lines only, has no names. Blank rows at the end are nothing,
    and so are blank cells behind the last name.

    Args:
        block_bytes: how much is read at once.
        keep_nameless: take columns without a name behind the last name, whatever is in them.

    Raises:
        FileRejected: `bad_header`, the first row is not CSV; while reading, what the stream
            raises, and `corrupt` where a row has no end.
    """
    blocks = _blocks(stream, block_bytes)
    for block in blocks:
        for index in range(len(block.ends)):
            if BLANK_ROW.fullmatch(block.text(index)):
                continue
            names = _header(block.row(index), is_unclosed=bool(block.is_unclosed[index]))
            whole = len(names)
            while names and not names[-1] and not keep_nameless:
                names.pop()
            rest = chain([block.part(index + 1, len(block.ends))], blocks)
            below = _without_blank_end(rest)
            return names, (_parse(part, len(names), whole, keep_nameless) for part in below)
    return [], iter(())


def _header(text: str, *, is_unclosed: bool) -> list[str]:
    if is_unclosed:
        raise FileRejected("bad_header", f"a quote in it is never closed: {text[:100]!r}")
    return [name.strip() for name in next(csv.reader(io.StringIO(text, newline="")))]


def _without_blank_end(blocks: Iterator[_Block]) -> Iterator[_Block]:
    """Blocks without rows of blank cells behind all others: spreadsheets write such rows."""
    held: list[_Block] = []
    for block in blocks:
        end = len(block.ends)
        while end and BLANK_ROW.fullmatch(block.text(end - 1)):
            end -= 1
        if end:
            yield from held
            held = []
            yield block.part(0, end)
        if end < len(block.ends):
            held.append(block.part(end, len(block.ends)))


def _blocks(stream: BinaryIO, block_bytes: int) -> Iterator[_Block]:
    position = 1
    width: int | None = None
    rest = b""
    is_first = True
    while True:
        read = read_exactly(stream, block_bytes)
        content = rest + read
        if is_first:
            content = content.removeprefix(BYTE_ORDER_MARK)
            is_first = False
        is_last = len(read) < block_bytes
        starts, ends = _lines(content, is_last=is_last)
        if position == 1 and (is_last or len(content) > LONGEST_LINE):
            check_line_ends(content)
        if width is None:
            width = _width_of_first_row(content, starts, ends)
        starts, ends, is_unclosed = _join_lines(content, starts, ends, width or 0, is_last=is_last)
        rest = content[ends[-1] :] if len(ends) else content
        if len(ends):
            yield _Block(content, starts, ends, is_unclosed, position, is_last)
            position += len(ends)
        if is_last:
            return
        if len(rest) > LONGEST_LINE:
            raise FileRejected("corrupt", f"row {position} is longer than {LONGEST_LINE} bytes")


def _lines(content: bytes, *, is_last: bool) -> tuple[np.ndarray, np.ndarray]:
    """Starts and ends of whole lines."""
    ends = newline_offsets(content) + 1
    if is_last and len(content) and (len(ends) == 0 or ends[-1] != len(content)):
        ends = np.append(ends, len(content))
    return np.concatenate([[0], ends[:-1]]).astype(np.int64) if len(ends) else ends, ends


def _width_of_first_row(content: bytes, starts: np.ndarray, ends: np.ndarray) -> int | None:
    """Cells of the first row that is not blank, 0 where it is not CSV; None before its end."""
    begin, quotes = 0, 0
    for start, end in zip(starts.tolist(), ends.tolist(), strict=True):
        begin = begin if quotes % 2 else start
        quotes += content.count(b'"', start, end)
        if quotes % 2:
            if end - begin > LONGEST_QUOTED_ROW:
                return 0
        elif not BLANK_ROW.fullmatch(content, begin, end):
            text = content[begin:end]
            return _count_cells(text) if REGULAR_BYTES.match(text) else 0
    return None


def _join_lines(
    content: bytes, starts: np.ndarray, ends: np.ndarray, width: int, *, is_last: bool
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Starts and ends of whole rows, and which of them have a quote that is never closed."""
    if len(ends) == 0:
        return starts, ends, np.zeros(0, bool)
    is_quote = (np.frombuffer(content, np.uint8)[: ends[-1]] == 0x22).view(np.uint8)
    # Only odd or even matters, so that eight bits are enough whatever the number of quotes.
    odd = np.flatnonzero(np.add.reduceat(is_quote, starts, dtype=np.uint8) & 1).tolist()
    is_unclosed = np.zeros(len(ends), bool)
    is_start = np.ones(len(ends), bool)
    whole = len(ends)
    at = 0
    while at < len(odd):
        opener = odd[at]
        closer = odd[at + 1] if at + 1 < len(odd) else None
        end = ends[-1 if closer is None else closer]
        runs_far = end - starts[opener] > LONGEST_QUOTED_ROW and opener < len(ends) - 1
        if closer is None and not (is_last or runs_far):
            whole = opener
            break
        if closer is None or runs_far or not _is_one_row(content[starts[opener] : end], width):
            is_unclosed[opener] = True
            at += 1
        else:
            is_start[opener + 1 : closer + 1] = False
            at += 2
    is_end = np.append(is_start[1:], True)
    is_start[whole:] = is_end[whole:] = False
    return starts[is_start], ends[is_end], is_unclosed[is_start]


def _is_one_row(text: bytes, width: int) -> bool:
    """Whether lines from a quote that opens to one that closes are a row of several lines.

    They are not where a quote is inside a cell. Nor where the first line and the last one would
    each be as wide as the header if it were not for their quotes: then two stray quotes hold rows
    together, and one row's name would stand before another's figures.
    """
    if not REGULAR_BYTES.match(text):
        return False
    first, *_, last = text.rstrip(b"\r\n").split(b"\n")
    before = CELLS_BEFORE.match(first)
    behind = CELLS_BEHIND.search(last)
    assert before is not None
    assert behind is not None
    cells_of_first = before[0].count(b",") + first[before.end() :].count(b",") + 1
    cells_of_last = last[: behind.start()].count(b",") + _count_cells(b"x" + behind[1])
    if cells_of_first < width or cells_of_last < width:
        return True
    cells_of_first = _count_cells(before[0] + b"x") + first[before.end() :].count(b",")
    return width < 2 or cells_of_first != width or cells_of_last != width


def _count_cells(text: bytes) -> int:
    return len(next(csv.reader(io.StringIO(text.decode("utf-8"), newline=""))))


def _parse(block: _Block, width: int, whole_width: int, keep_nameless: bool) -> Rows:
    """Cells of the rows that are as wide as the header, refusals for the others.

    Args:
        width: names in the header.
        whole_width: its cells, with blank ones behind the names.
        keep_nameless: then the header has all columns, and where no row is as wide as it is, a
            comma of it was lost: a blank cell at the end would shift every figure unseen.
    """
    texts = _texts(block)
    is_blank = pc.match_substring_regex(texts, r"^\s*$").to_numpy(zero_copy_only=False)
    is_regular = pc.match_substring_regex(texts, REGULAR_ROW).to_numpy(zero_copy_only=False)
    is_regular &= ~block.is_unclosed & ~is_blank
    regular = np.flatnonzero(is_regular)
    cells, wrong = _cells(texts, regular, width, whole_width, keep_nameless)
    refusals = [
        (int(index), *_broken(block, int(index)))
        for index in np.flatnonzero(~is_regular & ~is_blank)
    ]
    refusals += [
        (int(regular[row]), "wrong_width", f"{count} cells, the header has {width}")
        for row, count in wrong
    ]
    refusals.sort()
    positions = block.first_position + regular[cells["row"].to_numpy()]
    return Rows(
        cells.set_column(0, "position", pa.array(positions, pa.int64())),
        record_table(
            position=[block.first_position + index for index, _, _ in refusals],
            raw=[block.row(index) for index, _, _ in refusals],
            reason=[reason for _, reason, _ in refusals],
            detail=[detail for _, _, detail in refusals],
        ),
    )


def _broken(block: _Block, index: int) -> tuple[str, str]:
    is_tail = block.is_last and index == len(block.ends) - 1
    if is_tail and block.is_unclosed[index]:
        return "torn_line", "the file ends inside a quoted cell"
    if block.is_unclosed[index]:
        return "wrong_width", "a quote in it is never closed, so its cells can't be told"
    what = "a quote" if b'"' in block.text(index) else "a carriage return"
    return "wrong_width", f"{what} is inside a cell, so its cells can't be told"


def _texts(block: _Block) -> pa.LargeStringArray:
    """Rows as texts, without copying them."""
    if len(block.starts) == 0:
        return pa.array([], pa.large_string())
    offsets = np.append(block.starts, block.ends[-1]).astype(np.int64)
    return pa.LargeStringArray.from_buffers(
        len(block.starts), pa.py_buffer(offsets), pa.py_buffer(block.content)
    )


def _cells(
    texts: pa.LargeStringArray,
    chosen: np.ndarray,
    width: int,
    whole_width: int,
    keep_nameless: bool,
) -> tuple[pa.Table, list[tuple[int, int]]]:
    """Cells of the chosen rows, and which of them are of another width, and of which.

    Blank cells behind the header's last name are nothing. `row` counts the chosen rows from 0.
    """
    names = [f"c{i}" for i in range(whole_width)]
    rows = texts if len(chosen) == len(texts) else texts.take(pa.array(chosen, pa.int64()))
    table, other = _read(rows, names)
    numbers = np.delete(np.arange(len(rows)), other)
    if len(numbers) != table.num_rows:
        raise FileRejected(
            "corrupt", f"{len(numbers)} rows were counted but {table.num_rows} could be read"
        )
    table = table.add_column(0, "row", pa.array(numbers, pa.int64()))
    kept = table.select(range(width + 1))
    for name in names[width:]:
        filled = pc.not_equal(pc.utf8_trim_whitespace(table[name]), "").to_numpy()
        other += table["row"].filter(pa.array(filled)).to_pylist()
    may_be_trimmed = bool(kept.num_rows) or not keep_nameless
    repaired, wrong = _trim(rows, sorted(set(other)), width, may_be_trimmed)
    if not other:
        return kept, wrong
    is_whole = pc.invert(pc.is_in(kept["row"], pa.array(other, pa.int64())))
    added = pa.Table.from_pylist(repaired, schema=kept.schema)
    return pa.concat_tables([kept.filter(is_whole), added]).sort_by("row"), wrong


def _trim(
    rows: pa.LargeStringArray, chosen: list[int], width: int, may_be_trimmed: bool
) -> tuple[list[dict[str, object]], list[tuple[int, int]]]:
    """Of rows of another width those that are as wide but for blank cells at their end."""
    trimmed: list[dict[str, object]] = []
    wrong: list[tuple[int, int]] = []
    for row in chosen:
        cells = next(csv.reader(io.StringIO(rows[row].as_py(), newline="")))
        is_blank_behind = not any(cell.strip() for cell in cells[width:])
        if len(cells) < width or not (is_blank_behind and may_be_trimmed):
            wrong.append((row, len(cells)))
        else:
            trimmed.append({"row": row} | {f"c{i}": cells[i] for i in range(width)})
    return trimmed, wrong


def _read(rows: pa.LargeStringArray, names: list[str]) -> tuple[pa.Table, list[int]]:
    """Cells of rows of CSV, and the numbers of those, from 0, that have more or fewer."""
    import pyarrow.csv as pacsv

    if len(rows) == 0:
        return pa.table({name: pa.array([], pa.string()) for name in names}), []
    other: list[int] = []

    def on_invalid(row: pacsv.InvalidRow) -> str:
        other.append(row.number - 1)
        return "skip"

    longest = pc.max(pc.binary_length(rows)).as_py()
    table = pacsv.read_csv(
        pa.BufferReader(_content(rows)),
        read_options=pacsv.ReadOptions(
            column_names=names, use_threads=False, block_size=max(1 << 20, 2 * longest)
        ),
        parse_options=pacsv.ParseOptions(
            newlines_in_values=True, ignore_empty_lines=False, invalid_row_handler=on_invalid
        ),
        convert_options=pacsv.ConvertOptions(
            column_types={name: pa.string() for name in names}, strings_can_be_null=False
        ),
    )
    return table, other


def _content(rows: pa.LargeStringArray) -> pa.Buffer:
    """The texts of an array on end."""
    _, offsets, content = rows.buffers()
    bounds = np.frombuffer(offsets, np.int64)[rows.offset : rows.offset + len(rows) + 1]
    return content.slice(int(bounds[0]), int(bounds[-1] - bounds[0]))
