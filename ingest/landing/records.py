"""Records on their way from a source to validation: their columns, and lines split from bytes."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa

from ingest.refusals import FileRejected

RECORD_SCHEMA = pa.schema(
    [
        pa.field("position", pa.int64()),
        pa.field("place", pa.string()),
        pa.field("line", pa.large_string()),
        pa.field("raw", pa.large_string()),
        pa.field("reason", pa.string()),
        pa.field("detail", pa.string()),
    ]
)
"""One row per record.

position: number of the record in its file, from 1 (of a line: the line number).
place: column header, where the record is one cell of a row.
line: the event as JSON text.
raw: the text as it came, where that is not `line`.
reason, detail: why the source itself refuses it.
"""

BATCH_ROWS = 61_440
SEARCH_BYTES = 1 << 20


def record_table(**columns: pa.Array | Sequence[object]) -> pa.Table:
    """A table of records from some of their columns; the others are null."""
    count = len(next(iter(columns.values())))
    return pa.table(
        [columns.get(field.name, pa.nulls(count, field.type)) for field in RECORD_SCHEMA],
        schema=RECORD_SCHEMA,
    )


def newline_offsets(content: bytes | memoryview) -> np.ndarray:
    """Offsets of every newline, searched in blocks that stay in the processor's cache."""
    octets = np.frombuffer(content, np.uint8)
    found = [
        np.flatnonzero(octets[start : start + SEARCH_BYTES] == 0x0A) + start
        for start in range(0, len(octets), SEARCH_BYTES)
    ]
    return np.concatenate(found).astype(np.int64) if found else np.empty(0, np.int64)


def after_last_newline(content: memoryview) -> int:
    """Offset behind the last newline; 0 where there is none."""
    octets = np.frombuffer(content, np.uint8)
    for end in range(len(octets), 0, -SEARCH_BYTES):
        start = max(0, end - SEARCH_BYTES)
        found = np.flatnonzero(octets[start:end] == 0x0A)
        if len(found):
            return start + int(found[-1]) + 1
    return 0


def check_line_ends(content: bytes) -> None:
    """Refuse text whose lines end in the way of old Macintoshes: to us it would be one line.

    Raises:
        FileRejected: `line_ends`.
    """
    if b"\r" in content.strip() and b"\n" not in content:
        raise FileRejected(
            "line_ends",
            "its lines end with a carriage return alone, as old Macintoshes wrote them: save it "
            'as "CSV UTF-8", or with line feeds',
        )


def split_lines(content: bytes | memoryview, *, first_position: int) -> tuple[pa.Table, int]:
    """Lines of UTF-8 text as records, without copying it, and how many lines there were.

    Empty lines have a position but are not records.
    """
    ends = newline_offsets(content)
    if len(content) and (len(ends) == 0 or ends[-1] != len(content) - 1):
        ends = np.append(ends, len(content))
    starts = np.concatenate([[0], ends[:-1] + 1]).astype(np.int64) if len(ends) else ends
    # The separator stays at the end of each line: offsets of neighbours then coincide,
    # which is what lets Arrow refer to the bytes where they are. JSON ignores white space.
    offsets = np.append(starts, min(int(ends[-1]) + 1, len(content)) if len(ends) else 0)
    lines = pa.LargeStringArray.from_buffers(
        len(ends), pa.py_buffer(offsets.astype(np.int64)), pa.py_buffer(content)
    )
    table = record_table(
        position=pa.array(np.arange(first_position, first_position + len(ends))), line=lines
    )
    lengths = ends - starts
    octets = np.frombuffer(content, np.uint8)
    maybe_blank = np.flatnonzero(lengths <= 1)
    blank = [i for i in maybe_blank if lengths[i] == 0 or octets[starts[i]] == 0x0D]
    if blank:
        keep = np.ones(len(ends), bool)
        keep[blank] = False
        table = table.filter(pa.array(keep))
    return table, len(ends)


def in_batches(table: pa.Table) -> pa.Table:
    """The same table in batches small enough for DuckDB to scan with all its threads."""
    return pa.Table.from_batches(
        [
            batch
            for start in range(0, table.num_rows, BATCH_ROWS)
            for batch in table.slice(start, BATCH_ROWS).to_batches()
        ],
        schema=table.schema,
    )
