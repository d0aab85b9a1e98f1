"""CSV of formats of our own, read in blocks: every row ends up as cells or as a refusal.

Rows are found before they are parsed: a row ends at a line end that lies outside of quotes. So
rows are counted without the parser that loads them, memory is bounded by a block, and a quote
that is never closed costs its own line, not the rest of the file.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ingest.landing.containers import read_exactly
from ingest.landing.records import newline_offsets, record_table
from ingest.refusals import FileRejected

BYTE_ORDER_MARK = b"\xef\xbb\xbf"
BLOCK_BYTES = 16 * 1024 * 1024
LONGEST_QUOTED_ROW = 1 << 20
"""Bytes after which a row of several lines is taken for one line with a stray quote."""
LONGEST_LINE = 64 * 1024 * 1024
"""Bytes without a line end after which a file is not CSV that anybody can have meant."""

CELL = r'(?:[^",\r\n]*|"(?:[^"]|"")*")'
REGULAR_ROW = rf"^{CELL}(?:,{CELL})*\r?\n?$"
"""A row by RFC 4180: quotes around a whole cell or not at all."""


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

    def row(self, index: int) -> str:
        """A row's text, without the line end."""
        text = self.content[self.starts[index] : self.ends[index]].decode("utf-8")
        return text.removesuffix("\n").removesuffix("\r")


def open_rows(
    stream: BinaryIO, *, block_bytes: int = BLOCK_BYTES
) -> tuple[list[str], Iterator[Rows]]:
    """The header's names, without spaces around them, and the rows below it.

    Rows have the position that a spreadsheet shows: the header is row 1, blank rows count. A
    stream that holds nothing, or blank lines only, has no names.

    Raises:
        FileRejected: `bad_header`, the first row is not CSV; while reading, what the stream
            raises, and `corrupt` where a row has no end.
    """
    blocks = _blocks(stream, block_bytes)
    for block in blocks:
        for index in range(len(block.ends)):
            text = block.row(index)
            if not text.strip():
                continue
            names = _header(text, is_unclosed=bool(block.is_unclosed[index]))
            return names, _rows(_after(block, index), blocks, width=len(names))
    return [], iter(())


def _header(text: str, *, is_unclosed: bool) -> list[str]:
    if is_unclosed:
        raise FileRejected("bad_header", f"a quote in it is never closed: {text[:100]!r}")
    return [name.strip() for name in next(csv.reader(io.StringIO(text, newline="")))]


def _after(block: _Block, index: int) -> _Block:
    kept = slice(index + 1, None)
    return _Block(
        block.content,
        block.starts[kept],
        block.ends[kept],
        block.is_unclosed[kept],
        block.first_position + index + 1,
        block.is_last,
    )


def _rows(first: _Block, rest: Iterator[_Block], *, width: int) -> Iterator[Rows]:
    yield _parse(first, width)
    for block in rest:
        yield _parse(block, width)


def _blocks(stream: BinaryIO, block_bytes: int) -> Iterator[_Block]:
    position = 1
    rest = b""
    is_first = True
    while True:
        read = read_exactly(stream, block_bytes)
        content = rest + read
        if is_first:
            content = content.removeprefix(BYTE_ORDER_MARK)
            is_first = False
        is_last = len(read) < block_bytes
        starts, ends, is_unclosed = _row_bounds(content, is_last=is_last)
        rest = content[ends[-1] :] if len(ends) else content
        if len(ends):
            yield _Block(content, starts, ends, is_unclosed, position, is_last)
            position += len(ends)
        if is_last:
            return
        if len(rest) > LONGEST_LINE:
            raise FileRejected("corrupt", f"row {position} is longer than {LONGEST_LINE} bytes")


def _row_bounds(content: bytes, *, is_last: bool) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Starts and ends of whole rows, and which of them have a quote that is never closed."""
    ends = newline_offsets(content) + 1
    if is_last and len(content) and (len(ends) == 0 or ends[-1] != len(content)):
        ends = np.append(ends, len(content))
    if len(ends) == 0:
        return ends, ends, np.zeros(0, bool)
    starts = np.concatenate([[0], ends[:-1]])
    is_quote = (np.frombuffer(content, np.uint8)[: ends[-1]] == 0x22).view(np.uint8)
    # Only odd or even matters, so that eight bits are enough whatever the number of quotes.
    is_odd = np.add.reduceat(is_quote, starts, dtype=np.uint8) & 1
    is_unclosed = np.zeros(len(ends), bool)
    while True:
        is_row_end = (np.add.accumulate(is_odd, dtype=np.uint8) & 1) == 0
        last_lines = np.flatnonzero(is_row_end)
        first_lines = np.concatenate([[0], last_lines + 1])
        stray = _line_of_a_stray_quote(starts, ends, first_lines, last_lines, is_last=is_last)
        if stray is None:
            break
        is_odd[stray] = 0
        is_unclosed[stray] = True
    first_lines = first_lines[: len(last_lines)]
    return starts[first_lines], ends[last_lines], is_unclosed[first_lines]


def _line_of_a_stray_quote(
    starts: np.ndarray,
    ends: np.ndarray,
    first_lines: np.ndarray,
    last_lines: np.ndarray,
    *,
    is_last: bool,
) -> int | None:
    """The line that opens a row which runs too far, or to the end of the file."""
    whole = first_lines[: len(last_lines)]
    runs_far = (ends[last_lines] - starts[whole] > LONGEST_QUOTED_ROW) & (last_lines > whole)
    if runs_far.any():
        return int(whole[np.argmax(runs_far)])
    is_open = len(first_lines) > len(last_lines) and first_lines[-1] < len(starts)
    if is_open:
        opener = int(first_lines[-1])
        runs_far_yet = ends[-1] - starts[opener] > LONGEST_QUOTED_ROW and opener < len(starts) - 1
        if is_last or runs_far_yet:
            return opener
    return None


def _parse(block: _Block, width: int) -> Rows:
    """Cells of the rows that are as wide as the header, refusals for the others."""
    texts = _texts(block)
    is_blank = pc.match_substring_regex(texts, r"^\s*$").to_numpy(zero_copy_only=False)
    is_regular = pc.match_substring_regex(texts, REGULAR_ROW).to_numpy(zero_copy_only=False)
    is_regular &= ~block.is_unclosed & ~is_blank
    regular = np.flatnonzero(is_regular)
    cells, wrong = _cells(texts, regular, width)
    refusals = [
        (int(index), *_broken(block, int(index)))
        for index in np.flatnonzero(~is_regular & ~is_blank)
    ]
    refusals += [
        (int(regular[row]), "wrong_width", f"{count} cells, the header has {width}")
        for row, count in wrong
    ]
    refusals.sort()
    whole = np.delete(regular, [row for row, _ in wrong])
    if len(whole) != cells.num_rows:
        raise FileRejected(
            "corrupt", f"{len(whole)} rows were counted but {cells.num_rows} could be read"
        )
    return Rows(
        cells.add_column(0, "position", pa.array(block.first_position + whole, pa.int64())),
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
    return "wrong_width", "a quote is inside a cell, so its cells can't be told"


def _texts(block: _Block) -> pa.LargeStringArray:
    """Rows as texts, without copying them."""
    if len(block.starts) == 0:
        return pa.array([], pa.large_string())
    offsets = np.append(block.starts, block.ends[-1]).astype(np.int64)
    return pa.LargeStringArray.from_buffers(
        len(block.starts), pa.py_buffer(offsets), pa.py_buffer(block.content)
    )


def _cells(
    texts: pa.LargeStringArray, chosen: np.ndarray, width: int
) -> tuple[pa.Table, list[tuple[int, int]]]:
    """Cells of the chosen rows, and which of them are of another width, and of which."""
    import pyarrow.csv as pacsv

    names = [f"c{i}" for i in range(width)]
    if len(chosen) == 0:
        return pa.table({name: pa.array([], pa.string()) for name in names}), []
    rows = texts if len(chosen) == len(texts) else texts.take(pa.array(chosen))
    wrong: list[tuple[int, int]] = []

    def on_invalid(row: pacsv.InvalidRow) -> str:
        wrong.append((row.number - 1, row.actual_columns))
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
    return table, wrong


def _content(rows: pa.LargeStringArray) -> pa.Buffer:
    """The texts of an array on end."""
    _, offsets, content = rows.buffers()
    bounds = np.frombuffer(offsets, np.int64)[rows.offset : rows.offset + len(rows) + 1]
    return content.slice(int(bounds[0]), int(bounds[-1] - bounds[0]))
